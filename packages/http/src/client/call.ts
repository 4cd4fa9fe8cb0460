// One call: request, answer, and repetition where it is safe.
import type { HistoryAsked } from '@gesta/core'
import { ClientError } from './client-error.ts'
import type { ClientProblem } from './client-error.ts'
import type { ClientSession, SessionRequest } from './session.ts'
import type { CommandCallOptions, QueryCallOptions } from './types.ts'

export type CallOptions = CommandCallOptions & QueryCallOptions<HistoryAsked>

/** Attempts of a call that has an idempotency key or a command id, the first one included. */
const attemptsMax = 4
/** Milliseconds before the second attempt; doubled before each further one, and jittered. */
const backoffMs = 100
/** Milliseconds beyond the deadline that an answer may be on its way. */
const graceMs = 2000

/** Runs a contract by its name. The same request is sent again only when its repetition cannot decide twice. */
export async function call(
  session: ClientSession,
  type: string,
  input: unknown,
  options: CallOptions,
): Promise<unknown> {
  const repeatable = options.idempotencyKey !== undefined || options.commandId !== undefined
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(session, type, input, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      if (!repeatable || attempt === attemptsMax || !(error instanceof ClientError) || !mayPass(error)) throw error
      await pause(backoffMs * 2 ** (attempt - 1) * (0.5 + Math.random()), options.signal)
    }
  }
}

function mayPass({ code, status }: ClientError): boolean {
  return code === 'unreachable' || status === 502 || status === 503
}

async function once(session: ClientSession, type: string, input: unknown, options: CallOptions): Promise<unknown> {
  const { signal, deadlineMs } = options
  const signals = [
    ...(signal === undefined ? [] : [signal]),
    ...(deadlineMs === undefined ? [] : [AbortSignal.timeout(deadlineMs + graceMs)]),
  ]
  const request: SessionRequest = {
    method: 'POST',
    headers: { ...headersOf(options), 'content-type': 'application/json' },
    signal: signals.length === 0 ? null : AbortSignal.any(signals),
    ...(input === undefined ? undefined : { body: JSON.stringify(input) }),
  }
  let response: Response
  let text: string
  try {
    response = await session.send(`/api/call/${type}${searchOf(options)}`, request)
    text = await response.text()
  } catch (cause) {
    signal?.throwIfAborted()
    if ((cause as { readonly name?: string }).name === 'TimeoutError')
      throw new ClientError('deadline_exceeded', 0, `No answer to ${type} came in time.`, { cause })
    throw new ClientError('unreachable', 0, `No answer to ${type} came from ${session.baseUrl}.`, { cause })
  }
  return answerOf(type, response, text)
}

function headersOf({ idempotencyKey, commandId, expectedVersion, after, deadlineMs }: CallOptions): {
  readonly [name: string]: string
} {
  const headers: Record<string, string> = {}
  if (idempotencyKey !== undefined) headers['idempotency-key'] = `"${idempotencyKey.replaceAll(/["\\]/g, '\\$&')}"`
  if (commandId !== undefined) headers['gesta-command-id'] = commandId
  if (expectedVersion !== undefined) headers['gesta-expected-version'] = String(expectedVersion)
  if (after !== undefined) headers['gesta-after'] = after
  if (deadlineMs !== undefined) headers['gesta-deadline-ms'] = String(deadlineMs)
  return headers
}

function searchOf({ history }: CallOptions): string {
  if (history === undefined || history === false) return ''
  const { limit, before } = history === true ? {} : history
  const range = [
    limit === undefined ? '' : `&historyLimit=${limit}`,
    before === undefined ? '' : `&historyBefore=${before}`,
  ]
  return `?includeHistory=true${range.join('')}`
}

/** What `POST /api/call/{name}` answers with. */
interface Answer {
  readonly kind: 'command' | 'query'
  readonly result?: unknown
  readonly token?: string
  readonly commandId?: string
  readonly version?: number
}

function answerOf(type: string, { ok, status }: Response, text: string): unknown {
  const body = parse(text)
  if (ok && isAnswer(body)) {
    const { kind, result, token, commandId, version } = body
    return kind === 'query' ? result : { ok: true, result, token, commandId, version }
  }
  if (ok || !isProblem(body) || body['rejected'] !== true) throw failureOf(type, status, ok ? undefined : body)
  const { code, detail, details, token, commandId, version } = body
  return { ok: false, rejection: { rejected: true, code, reason: detail, details }, token, commandId, version }
}

/** What an answer that is no success says, if the app said it. */
export function failureOf(what: string, status: number, body: unknown): ClientError {
  return isProblem(body)
    ? new ClientError(body.code, status, `${what}: ${body.detail ?? body.title}`, { problem: body })
    : new ClientError(
        'unexpected_answer',
        status,
        `Something else than the app answered ${what}, with status ${status}.`,
      )
}

function isAnswer(body: unknown): body is Answer {
  const kind = (body as Partial<Answer> | null | undefined)?.kind
  return kind === 'command' || kind === 'query'
}

function isProblem(body: unknown): body is ClientProblem {
  const { code, title } = (body ?? {}) as Partial<ClientProblem>
  return typeof code === 'string' && typeof title === 'string'
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
    function done(): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      if (signal?.aborted === true) reject(signal.reason as Error)
      else resolve()
    }
  })
}
