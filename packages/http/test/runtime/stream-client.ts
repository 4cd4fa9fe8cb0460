// Reads a runtime event stream in a test: what came so far, and what comes next.
import { request } from 'node:http'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'

export interface Frame {
  readonly id: string | undefined
  readonly event: string | undefined
  readonly data: { readonly [field: string]: unknown } | undefined
  /** The whole of it, as it came. */
  readonly text: string
}
export interface StreamClient extends AsyncDisposable {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** The next frame that is no comment; `undefined` when the stream has ended. */
  next(): Promise<Frame | undefined>
  /** The next frame of any kind. */
  any(): Promise<Frame | undefined>
  /** The whole body of an answer that is no stream. */
  problem(): Promise<{ readonly code: string }>
  pause(): void
  resume(): void
}

export async function openStream(url: string, headers: Record<string, string> = {}): Promise<StreamClient> {
  const asked = request(url, { headers, agent: false })
  asked.on('error', () => undefined)
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const frames: Frame[] = []
  const waiting: (() => void)[] = []
  let text = ''
  let ended = false
  const wake = (): void => {
    for (const each of waiting.splice(0)) each()
  }
  response.setEncoding('utf8')
  response.on('error', () => undefined)
  response.on('data', (part: string) => {
    text += part
    for (let at = text.indexOf('\n\n'); at !== -1; at = text.indexOf('\n\n')) {
      frames.push(frameOf(text.slice(0, at)))
      text = text.slice(at + 2)
    }
    wake()
  })
  response.on('close', () => {
    ended = true
    wake()
  })
  const any = async (): Promise<Frame | undefined> => {
    while (frames.length === 0 && !ended) await new Promise<void>((resolve) => waiting.push(resolve))
    return frames.shift()
  }
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    any,
    next: async () => {
      for (;;) {
        const frame = await any()
        if (frame === undefined || frame.event !== undefined) return frame
      }
    },
    problem: async () => {
      while (!ended) await new Promise<void>((resolve) => waiting.push(resolve))
      return JSON.parse(text) as { readonly code: string }
    },
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    [Symbol.asyncDispose]: async () => {
      asked.destroy()
      while (!ended) await new Promise<void>((resolve) => waiting.push(resolve))
    },
  }
}

function frameOf(text: string): Frame {
  const field = (name: string): string | undefined =>
    text
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2)
  const data = field('data')
  return {
    id: field('id'),
    event: field('event'),
    data: data === undefined ? undefined : (JSON.parse(data) as Frame['data']),
    text,
  }
}
