// Request headers that mean something here, each read strictly: a repeated or malformed one is refused, never guessed.
import type { IncomingMessage } from 'node:http'
import { Refusal } from './problem.ts'

/** The value of a header that may be given once; `undefined` when it is absent. Errors: `invalid_header`. */
export function single(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  if (value === undefined) return undefined
  const { rawHeaders } = request
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]?.length === name.length && rawHeaders[i]?.toLowerCase() === name) count++
  if (count > 1) throw new Refusal('invalid_header', `Expected the header ${name} once, received it ${count} times.`)
  return Array.isArray(value) ? value.join(', ') : value
}

/** A header that is a whole number from `min` to `max`. Errors: `invalid_header`. */
export function wholeNumber(request: IncomingMessage, name: string, min: number, max: number): number | undefined {
  const text = single(request, name)
  if (text === undefined) return undefined
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= min && value <= max))
    throw new Refusal(
      'invalid_header',
      `Expected the header ${name} to be a whole number from ${min} to ${max}, received ${JSON.stringify(text)}.`,
    )
  return value
}

/** The milliseconds that a call may take: what the caller asks for, up to what the server allows. Errors: `invalid_header`. */
export function deadlineMs(request: IncomingMessage, allowedMs: number): number {
  const asked =
    request.headers['gesta-deadline-ms'] === undefined
      ? allowedMs
      : wholeNumber(request, 'gesta-deadline-ms', 1, 86_400_000)
  return Math.min(asked ?? allowedMs, allowedMs)
}

/** An Idempotency-Key: a quoted string, as the draft standard writes it, or the bare text. Errors: `invalid_header`. */
export function idempotencyKey(request: IncomingMessage): string | undefined {
  const text = single(request, 'idempotency-key')
  if (text === undefined) return undefined
  const key = quoted.exec(text)?.[1]?.replaceAll(/\\(["\\])/g, '$1') ?? text
  if (!printable.test(key) || key.length > 255)
    throw new Refusal('invalid_header', 'Expected Idempotency-Key to be 1 to 255 printable ASCII characters.')
  return key
}

const quoted = /^"((?:[^"\\]|\\["\\])*)"$/
const printable = /^[\x20-\x7e]+$/

/** The id that the caller gave the command, to settle an unknown outcome. Errors: `invalid_header`. */
export function commandId(request: IncomingMessage): string | undefined {
  const text = single(request, 'gesta-command-id')
  if (text === undefined || uuid.test(text)) return text
  throw new Refusal(
    'invalid_header',
    `Expected gesta-command-id to be a UUID in lower-case letters, received ${JSON.stringify(text)}.`,
  )
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** W3C trace context; a malformed one is ignored, as that standard wants it. */
export function traceparent(request: IncomingMessage): string | undefined {
  const text = request.headers['traceparent']
  return typeof text === 'string' && traceparentPattern.test(text) ? text : undefined
}

const traceparentPattern = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** Characters of a value that is noted. */
const notedMax = 256

/**
 * What the command log notes of a request: the address that it came from (`ip`: the peer, or the client that a trusted proxy names), the
 * caller's program, and the id that the request came with. Nobody has checked the last two.
 */
export function metadataOf(ip: string | undefined, { headers }: IncomingMessage): { readonly [name: string]: string } {
  const noted: { [name: string]: string } = {}
  const note = (name: string, value: string | string[] | undefined): void => {
    if (typeof value === 'string' && value !== '') noted[name] = value.slice(0, notedMax)
  }
  note('address', ip)
  note('userAgent', headers['user-agent'])
  note('requestId', headers['x-request-id'])
  return noted
}
