// Asks a served app over bare HTTP, so that nothing rewrites a path or a header on the way.
import { Agent, request } from 'node:http'
import type { Answer } from './answers.ts'

export interface Asked {
  readonly method: string
  /** With its query string, as it goes out. */
  readonly target: string
  readonly headers?: { readonly [name: string]: string | readonly string[] } | undefined
  readonly body?: string | undefined
}
export interface Asking extends Disposable {
  ask(asked: Asked): Promise<Answer>
}

export function askingAt(url: string): Asking {
  const agent = new Agent({ keepAlive: true })
  const { hostname, port } = new URL(url)
  const ask = ({ method, target, headers = {}, body }: Asked): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
      const options = { hostname, port, method, path: target, agent, headers: { ...headers, ...length } }
      const sent = request(options as object, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('error', reject)
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
      })
      sent.on('error', reject)
      sent.end(body)
    })
  return { ask, [Symbol.dispose]: () => agent.destroy() }
}
