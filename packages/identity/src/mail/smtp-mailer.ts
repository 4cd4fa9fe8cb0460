// Sends mail over SMTP, encrypted unless the server is on this machine. What goes wrong is told without addresses, texts and secrets.
import { checkOptions } from '@gesta/core/host'
import { createTransport } from 'nodemailer'
import type { Mailer, NotTaken } from './mailer.ts'

export interface SmtpOptions {
  readonly host: string
  /** 1 to 65,535. Default: 465 with `secure`, else 587. */
  readonly port?: number | undefined
  /** TLS from the first byte. Default: whether the port is 465. */
  readonly secure?: boolean | undefined
  /** Without `secure`: sends nothing before the connection was encrypted by STARTTLS. Default: yes, unless `host` is a loopback address. */
  readonly requireTls?: boolean | undefined
  readonly auth?: { readonly user: string; readonly pass: string } | undefined
  /** Who mails are from: an address, or `Name <address>`. */
  readonly from: string
}
const optionNames = ['host', 'port', 'secure', 'requireTls', 'auth', 'from'] as const
const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/
const connectMs = 10_000
const silenceMs = 30_000
const wholeMs = 60_000

/** Errors: plain ones, for options that are unknown or missing. Reference: docs/reference/identity.md. */
export function smtpMailer(options: SmtpOptions): Mailer {
  checkOptions(options, optionNames, 'smtpMailer()')
  const { host, auth } = options
  if (typeof host !== 'string' || host === '')
    throw new Error(`smtpMailer(): expected host to be a server's name, received ${JSON.stringify(host)}.`)
  const port = options.port ?? (options.secure === true ? 465 : 587)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`smtpMailer(): expected port to be a whole number from 1 to 65535, received ${port}.`)
  const from = senderOf(options.from)
  const transport = createTransport({
    host,
    port,
    secure: options.secure ?? port === 465,
    requireTLS: options.requireTls ?? !loopback.test(host),
    tls: { minVersion: 'TLSv1.2' },
    ...(auth && { auth: { user: auth.user, pass: auth.pass } }),
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: silenceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    send: async ({ id, to, subject, text }, { signal }) => {
      if (!addressPattern.test(to)) return 'refused'
      if (controls.test(subject))
        throw new Error('Expected the subject of a mail to be one line without control signs.')
      try {
        await transport.sendMail({
          from,
          to: { name: '', address: to },
          subject,
          text,
          messageId: `<${Buffer.from(id).toString('base64url')}@${hostOf(from.address)}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.any([signal, AbortSignal.timeout(wholeMs)]),
        })
        return undefined
      } catch (error) {
        signal.throwIfAborted()
        const notTaken = notTakenOf(error)
        if (notTaken !== undefined) return notTaken
        throw failureOf(error, `${host}:${port}`)
      }
    },
  }
}

/** One mailbox: nothing that a list of addresses, a header or a command of SMTP is made of. */
const addressPattern = /^[^\s@,;:<>()[\]"\\\p{C}]{1,64}@[^\s@,;:<>()[\]"\\\p{C}]{1,253}$/u
const controls = /[\p{Cc}\u2028\u2029]/u

function senderOf(from: unknown): { readonly name: string; readonly address: string } {
  const [, name, inner, bare] = /^(?:([^<>]*?)\s*<([^<>]+)>|([^<>]+))$/.exec(String(from)) ?? []
  const address = inner ?? bare ?? ''
  if (addressPattern.test(address) && !controls.test(name ?? '')) return { name: name ?? '', address }
  throw new Error(
    `smtpMailer(): expected from to be an address, such as "Shop <post@shop.example>", received ${JSON.stringify(from)}.`,
  )
}

function hostOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1)
}

interface SmtpFailure {
  readonly code?: unknown
  readonly command?: unknown
  readonly responseCode?: unknown
  readonly response?: unknown
}

/** What the server says of this mail alone: of its recipient or its text, and not of who sends it or how. */
function notTakenOf(error: unknown): NotTaken | undefined {
  const { code, command, responseCode, response } = error as SmtpFailure
  if (typeof responseCode !== 'number' || (command !== 'RCPT TO' && code !== 'EMESSAGE')) return undefined
  // What policies refuse, such as relaying, is a matter of how this is set up, and so is signing in: it must be seen, not dropped.
  if (/^\d{3}[ -][45]\.7\./.test(String(response)) || [421, 530, 534, 535, 538].includes(responseCode)) return undefined
  return responseCode >= 500 ? 'refused' : 'deferred'
}

/** Without the cause: what servers answer repeats addresses. */
function failureOf(error: unknown, server: string): Error {
  const { code, command, responseCode } = error as SmtpFailure
  const words = [code, typeof command === 'string' ? command.split(' ')[0] : undefined, responseCode]
  const what = words.filter((word) => ['string', 'number'].includes(typeof word)).join(' ')
  return new Error(
    `The mail server ${server} did not take a mail: ${what || 'no answer'}. Compare host, port, encryption and auth of smtpMailer() with what the server asks for.`,
  )
}
