// HTTPS by the server itself: key and certificate from options, as text or from files, and again when they were renewed.
import { readFile } from 'node:fs/promises'
import type { Server as HttpServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { createSecureContext } from 'node:tls'
import type { SecureContextOptions, SecureVersion } from 'node:tls'
import { checkOptions } from '@gesta/core/host'

/** Reference: docs/reference/http.md. */
export interface TlsOptions {
  /** The private key: PEM text, or the path of a file that has it. */
  readonly key: string
  /** The certificate, and behind it those between it and the authority: PEM text, or the path of a file. */
  readonly cert: string
  /** The oldest protocol that is spoken. Default `TLSv1.2`. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined
}
/** What a server is opened with. */
export type SecureContext = Pick<SecureContextOptions, 'key' | 'cert' | 'minVersion'>

/** Errors: plain ones, for what cannot be. */
export function checkTls(options: TlsOptions): TlsOptions {
  checkOptions(options, ['key', 'cert', 'minVersion'], 'serve({ tls })')
  const { key, cert, minVersion = 'TLSv1.2' } = options
  for (const [name, value] of Object.entries({ key, cert }))
    if (typeof value !== 'string' || value === '')
      throw new Error(`serve: expected tls.${name} to be PEM text or the path of a file.`)
  if (minVersion !== 'TLSv1.2' && minVersion !== 'TLSv1.3')
    throw new Error(`serve: expected tls.minVersion to be TLSv1.2 or TLSv1.3, received ${String(minVersion)}.`)
  return { key, cert, minVersion }
}

/** Reads files. Errors: plain ones for what cannot be read, or is no key with its certificate; none of them has a part of the key. */
export async function secureContext({ key, cert, minVersion }: TlsOptions): Promise<SecureContext> {
  const read = { key: await pem(key, 'key'), cert: await pem(cert, 'cert'), minVersion: minVersion as SecureVersion }
  try {
    createSecureContext(read)
  } catch (error) {
    const { code = 'no code' } = error as { readonly code?: string }
    throw new Error(`serve: expected tls.key and tls.cert to be a private key and its certificate (${code}).`, {
      cause: error,
    })
  }
  return read
}

/** Gives a server that speaks TLS another key and certificate, for connections from now on. */
export function reload(server: HttpServer | HttpsServer, context: SecureContext): void {
  if (isSecure(server)) server.setSecureContext(context)
}

export function isSecure(server: HttpServer | HttpsServer): server is HttpsServer {
  return 'setSecureContext' in server
}

async function pem(given: string, name: string): Promise<string> {
  if (given.includes('-----BEGIN ')) return given
  try {
    return await readFile(given, 'utf8')
  } catch (error) {
    const { code = 'no code' } = error as { readonly code?: string }
    throw new Error(`serve: the file of tls.${name}, ${given}, cannot be read (${code}).`, { cause: error })
  }
}
