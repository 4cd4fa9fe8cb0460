// Credentials in a text that nobody meant to hold any: messages of drivers and clients repeat headers, URLs and settings.

const replacement = '[redacted]'
const names = '(?:pass(?:word|wd|phrase)?|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credential)s?'
const headers = '(?:set-cookie2?|cookie|(?:proxy-)?authorization|x-api-key)'

/** Each with what of a match stays before the replacement. Quotes and backslashes end a value, so that JSON stays JSON. */
const credentials: readonly (readonly [pattern: RegExp, kept: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?=["'])|$)/g, replacement],
  // Of a URL: postgres://shop:secret@db
  [/\b([a-z][a-z0-9+.-]{1,32}:\/\/[^\s:/@"']{0,256}):[^\s/@"']{1,256}@/gi, `$1:${replacement}@`],
  [new RegExp(String.raw`(${headers}\\*["']?\s*[:=,]\s*\\*["']?)[^\n\r"'\\]{1,8192}`, 'gi'), `$1${replacement}`],
  [new RegExp(String.raw`(${names}\\*["']?\s*[:=]\s*\\*["'])[^\n\r"'\\]{1,8192}`, 'gi'), `$1${replacement}`],
  [new RegExp(String.raw`(${names}\s*[:=]\s*)[^\s"'\\,;&}\])]{1,8192}`, 'gi'), `$1${replacement}`],
  [/\b(bearer|basic|digest)\s+[\w.~+/=-]{6,}/gi, `$1 ${replacement}`],
  // Of the form of a signed token: three parts of base64url.
  [/\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]{4,}/g, replacement],
]

/**
 * The text with what looks like credentials replaced: for loggers of one's own, such as pino's `hooks.streamWrite`. It finds forms, not
 * secrets: what says nothing of itself stays. Reference: docs/reference/logs.md.
 */
export function redacted(text: string): string {
  return credentials.reduce((shown, [pattern, kept]) => shown.replace(pattern, kept), text)
}
