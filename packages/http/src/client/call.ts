// One call: request, answer, and repetition where it is safe.
import { ClientError } from './client-error.ts'
import type { ClientProblem } from './client-error.ts'
import type { ClientOptions, CommandCallOptions, QueryCallOptions } from './types.ts'

export type CallOptions = CommandCallOptions & QueryCallOptions

/** Attempts of a call that has an idempotency key or a command id, the first one included. */
const attemptsMax = 4
/** Milliseconds before the second attempt; doubled before each further one, and jittered. */
const backoffMs = 100
/** Milliseconds beyond the deadline that an answer may be on its way. */
const graceMs = 2000

/** Runs a contract by its name. The same request is sent again only when its repetition cannot decide twice. */
export async function call(
  client: ClientOptions,
  type: string,
  input: unknown,
  options: CallOptions,
): Promise<unknown> {
  const repeatable = options.idempotencyKey !== undefined || options.commandId !== undefined
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(client, type, input, options)
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

async function once(client: ClientOptions, type: string, input: unknown, options: CallOptions): Promise<unknown> {
  const { fetch = globalThis.fetch, baseUrl, headers } = client
  const { signal, deadlineMs } = options
  const signals = [
    ...(signal === undefined ? [] : [signal]),
    ...(deadlineMs === undefined ? [] : [AbortSignal.timeout(deadlineMs + graceMs)]),
  ]
  const request: RequestInit = {
    method: 'POST',
    headers: {
      ...(typeof headers === 'function' ? await headers() : headers),
      ...headersOf(options),
      'content-type': 'application/json',
    },
    signal: signals.length === 0 ? null : AbortSignal.any(signals),
    ...(input === undefined ? undefined : { body: JSON.stringify(input) }),
  }
  let response: Response
  let text: string
  try {
    response = await fetch(`${baseUrl.replace(/\/$/, '')}/api/call/${type}`, request)
    text = await response.text()
  } catch (cause) {
    signal?.throwIfAborted()
    if ((cause as { readonly name?: string }).name === 'TimeoutError')
      throw new ClientError('deadline_exceeded', 0, `No answer to ${type} came in time.`, { cause })
    throw new ClientError('unreachable', 0, `No answer to ${type} came from ${baseUrl}.`, { cause })
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
  if (ok || !isProblem(body))
    throw new ClientError(
      'unexpected_answer',
      status,
      `Something else than the app answered ${type}, with status ${status}.`,
    )
  if (body['rejected'] !== true)
    throw new ClientError(body.code, status, `${type}: ${body.detail ?? body.title}`, { problem: body })
  const { code, detail, details, token, commandId, version } = body
  return { ok: false, rejection: { rejected: true, code, reason: detail, details }, token, commandId, version }
}

function isAnswer(body: unknown): body is Answer {
  const kind = (body as Partial<Answer> | null | undefined)?.kind
  return kind === 'command' || kind === 'query'
}

function isProblem(body: unknown): body is ClientProblem {
  const { code, title } = (body ?? {}) as Partial<ClientProblem>
  return typeof code === 'string' && typeof title === 'string'
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
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
