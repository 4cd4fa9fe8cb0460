// An operator of a served app: asks its admin address, with any headers, from any address of this machine.
import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { Running } from '@gesta/core'
import { serveAdmin } from '../../src/index.ts'
import type { AdminOptions, Problem } from '../../src/index.ts'
import type { Logged } from '../support/serve-shop.ts'

export interface AdminAnswer {
  readonly status: number
  readonly headers: { readonly [name: string]: string | string[] | undefined }
  readonly text: string
  readonly body: { readonly [field: string]: unknown }
  readonly problem: Problem
}
export interface AdminQuestion {
  readonly headers?: Record<string, string>
  readonly localAddress?: string
}
export interface Operator extends AsyncDisposable {
  readonly url: string
  readonly logged: readonly Logged[]
  get(path: string, question?: AdminQuestion): Promise<AdminAnswer>
  /** A body that is text goes out as it is. */
  post(path: string, body?: unknown, question?: AdminQuestion): Promise<AdminAnswer>
  ask(method: string, path: string, body: string | undefined, question?: AdminQuestion): Promise<AdminAnswer>
}

export async function operatorOf(app: Running<string, string>, options: AdminOptions = {}): Promise<Operator> {
  const logged: Logged[] = []
  const keep = (facts: Logged['facts'], message: string): void => void logged.push({ facts, message })
  const server = await serveAdmin(app, { port: 0, logger: { error: keep, warn: keep }, ...options })
  return { ...operatorAt(server.url), logged, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

export function operatorAt(url: string): Pick<Operator, 'url' | 'get' | 'post' | 'ask'> {
  const ask: Operator['ask'] = (method, path, body, question) => askOnce(url, method, path, body, question)
  return {
    url,
    ask,
    get: (path, question) => ask('GET', path, undefined, question),
    post: (path, body, question) => {
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
      const headers = { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...question?.headers }
      return ask('POST', path, text, { ...question, headers })
    },
  }
}

async function askOnce(
  url: string,
  method: string,
  path: string,
  body: string | undefined,
  question: AdminQuestion = {},
): Promise<AdminAnswer> {
  const { hostname, port } = new URL(url)
  const host = hostname.replaceAll(/[[\]]/g, '')
  const asked = request({ host, port, method, path, agent: false, ...question })
  const answered = once(asked, 'response') as Promise<[IncomingMessage]>
  asked.end(body)
  const [response] = await answered
  let text = ''
  for await (const part of response.setEncoding('utf8')) text += String(part)
  const { statusCode = 0, headers } = response
  const isText = /^(?:text|application\/openmetrics)/.test(headers['content-type'] ?? '')
  const parsed: unknown = text === '' || isText ? undefined : JSON.parse(text)
  return { status: statusCode, headers, text, body: parsed as AdminAnswer['body'], problem: parsed as Problem }
}
