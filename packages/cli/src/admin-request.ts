// One question to the admin address of an app: how it is sent, and what an answer that says no means.
import { request as requestHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text as textOf } from 'node:stream/consumers'
import { mendOf } from './credentials.ts'

/** What the app refused, or why it could not be asked: the code that it gave, or `unreachable`. */
export class AdminError extends Error {
  override readonly name: string = 'AdminError'
  readonly code: string
  /** Of a rejection, what its contract declares. */
  readonly details: unknown

  constructor(code: string, message: string, options?: ErrorOptions & { readonly details?: unknown }) {
    super(message, options)
    this.code = code
    this.details = options?.details
  }
}

export interface Question {
  readonly url: URL
  readonly path: string
  readonly method: 'GET' | 'POST'
  readonly body?: string | undefined
  readonly token: string | undefined
}

/** The answer as JSON. Errors: `AdminError`. */
export async function answerOf(question: Question): Promise<unknown> {
  const response = await answerTo(question)
  const answer = parsed(await whole(response, question))
  if (isGood(response) && typeof answer === 'object' && answer !== null) return answer
  throw refusal(question, response, answer)
}

/** The answer as it comes, for what may be long. Errors: `AdminError`, also in the middle, when the app cuts it off. */
export async function* piecesOf(question: Question): AsyncGenerator<string, void> {
  const response = await answerTo(question)
  if (!isGood(response)) throw refusal(question, response, parsed(await whole(response, question)))
  response.setEncoding('utf8')
  try {
    for await (const piece of response) yield piece as string
  } catch (cause) {
    throw cutOff(question, cause)
  }
}

/**
 * Not with fetch, which gives up after five minutes: a read model may take longer to compare. The path goes as it is: a URL takes `..` for
 * the folder above, and a tenant of that name for none. No redirection is followed, so a token goes to the address that was named alone.
 */
async function answerTo({ url, path, method, body, token }: Question): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  const headers = {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
  request(url, { path, method, headers }).once('response', resolve).once('error', reject).end(body)
  return promise.catch((cause: unknown) => {
    const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
    throw new AdminError(
      'unreachable',
      `Expected an app at ${url.origin}, but nobody answers${why}. Start it with its admin address, or name that with --url.`,
      { cause },
    )
  })
}

async function whole(response: IncomingMessage, question: Question): Promise<string> {
  return textOf(response).catch((cause: unknown) => {
    throw cutOff(question, cause)
  })
}

function cutOff({ url }: Question, cause: unknown): AdminError {
  return new AdminError('unreachable', `The app at ${url.origin} ended its answer before it was whole. Ask again.`, {
    cause,
  })
}

function refusal({ url }: Question, { statusCode = 0, headers }: IncomingMessage, answer: unknown): AdminError {
  const { code: told, detail, title, details } = (answer ?? {}) as { readonly [part: string]: unknown }
  const code = typeof told === 'string' ? told : undefined
  const other = `Expected the admin address of an app at ${url.origin}, received an answer of something else (status ${statusCode}). Name the app's with --url.`
  const said = [detail, title].find((each) => typeof each === 'string') ?? other
  const mend = mendOf(statusCode, code, headers['retry-after'])
  return new AdminError(code ?? 'refused', mend === undefined ? said : `${ended(said)} ${mend}`, { details })
}

const isGood = ({ statusCode = 0 }: IncomingMessage): boolean => statusCode >= 200 && statusCode < 300
const ended = (said: string): string => (/[.!?]$/.test(said) ? said : `${said}.`)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
