// Secrets in Vault, version 2 of its key-value engine, over HTTP.
import type { SecretProvider } from '@gesta/core'
import { checkOptions, GestaError } from '@gesta/core/host'
import { checkBounds } from './file-options.ts'
import { secretIn } from './secrets-folder.ts'
import { settableOf } from './settable.ts'
import type { SettableOptions } from './settable.ts'

export interface VaultOptions extends SettableOptions {
  /** Such as `https://vault.internal:8200`. Plain HTTP is taken for this machine alone: the token goes over the wire. */
  readonly url: string
  /** The token, or where it lies; a file is read again for each secret, so an agent may renew it. One of the two. */
  readonly token?: string | undefined
  readonly tokenFile?: string | undefined
  /** Where the engine is mounted. Default: the first part of a reference's path. */
  readonly mount?: string | undefined
  readonly namespace?: string | undefined
  /** Milliseconds for one request, 1 to 600,000. Default 5,000. */
  readonly timeoutMs?: number | undefined
  /** The word in references. Default `vault`. */
  readonly name?: string | undefined
}
const optionNames = ['url', 'token', 'tokenFile', 'mount', 'namespace', 'timeoutMs', 'name', 'settable'] as const
const bytesMax = 1024 * 1024

/**
 * `secret:vault:kv/shop#url`: the field `url` of the secret `shop` of the engine mounted at `kv`, in its newest version. A value that is no
 * text is given as JSON. Tested against a server that answers as Vault's documentation says; nothing of it has run on a real Vault.
 * Errors: plain ones for options; of a reference `secret_unavailable`. Reference: docs/reference/configuration.md.
 */
export function vaultSecrets(options: VaultOptions): SecretProvider {
  const { name = 'vault', timeoutMs = 5_000 } = checked(options)
  const isNamed = settableOf(options, 'vaultSecrets()')
  return {
    name,
    // The path ends at the last "#", so with two of them it is not what it seems to be.
    isSettable: (reference) => reference.split('#').length === 2 && isNamed(reference),
    resolve: async (reference, signal) => {
      const hash = reference.lastIndexOf('#')
      const [path, field] = hash < 0 ? [reference, ''] : [reference.slice(0, hash), reference.slice(hash + 1)]
      const url = urlOf(options, path)
      if (url === undefined || field === '')
        throw unavailable(`Expected a reference like secret:${name}:kv/shop#url, received one without path or field.`)
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
      const answer = await ask(url, options, limit).catch((cause: unknown) => {
        signal.throwIfAborted()
        if (cause instanceof GestaError) throw cause
        throw unavailable(`Expected Vault to answer in ${timeoutMs} ms, received none.`, cause)
      })
      const value = fieldOf(answer, field)
      if (value === undefined)
        throw unavailable(`Expected the secret ${path} to have the field ${field}, received none.`)
      return typeof value === 'string' ? value : JSON.stringify(value)
    },
  }
}

function checked(options: VaultOptions): VaultOptions {
  checkOptions(options, optionNames, 'vaultSecrets()')
  const { url, token, tokenFile, timeoutMs = 1 } = options
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Error('Expected url of vaultSecrets() to be like https://vault.internal:8200.')
  const { protocol, hostname, username, password } = new URL(url)
  if (username !== '' || password !== '')
    throw new Error('Expected url of vaultSecrets() to have no user and no password. Vault takes a token.')
  if (protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname))
    throw new Error('Expected url of vaultSecrets() to be HTTPS: over plain HTTP everybody on the way reads the token.')
  if ((token === undefined) === (tokenFile === undefined))
    throw new Error('Expected vaultSecrets() to be given either token or tokenFile.')
  checkBounds('timeoutMs', timeoutMs, 1, 600_000, 'vaultSecrets()')
  return options
}

/** `undefined` for a path that is none. */
function urlOf({ url, mount }: VaultOptions, path: string): URL | undefined {
  const parts = [...(mount === undefined ? [] : mount.split('/')), ...path.split('/')]
  // A part of dots would lead out of the engine.
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return undefined
  const depth = mount === undefined ? 1 : mount.split('/').length
  if (parts.length <= depth) return undefined
  const [engine, secret] = [parts.slice(0, depth), parts.slice(depth)]
  const encoded = ['v1', ...engine, 'data', ...secret].map(encodeURIComponent).join('/')
  return new URL(encoded, url.endsWith('/') ? url : `${url}/`)
}

async function ask(url: URL, { token, tokenFile, namespace }: VaultOptions, signal: AbortSignal): Promise<unknown> {
  const shown = token ?? (await tokenIn(tokenFile ?? '', signal))
  // The words of whoever refuses it as a header would hold it.
  if (!/^[!-~]+$/.test(shown))
    throw unavailable("Expected Vault's token to be one line of ASCII, received something else.")
  const headers = {
    'X-Vault-Request': 'true',
    'X-Vault-Token': shown,
    ...(namespace !== undefined && { 'X-Vault-Namespace': namespace }),
  }
  // A redirect would take the token with it.
  const response = await fetch(url, { headers, signal, redirect: 'manual' })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw unavailable(`Expected Vault to give the secret, received ${response.status}: ${meaningOf(response.status)}.`)
  }
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > bytesMax) throw unavailable(`Expected an answer of at most ${bytesMax} bytes, received more.`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
  } catch {
    // What cannot be read may be the secret, so no cause is kept.
    throw unavailable('Expected Vault to answer with JSON, received something else.')
  }
}

async function tokenIn(path: string, signal: AbortSignal): Promise<string> {
  try {
    return (await secretIn(path, signal)).trim()
  } catch (cause) {
    throw unavailable("Expected the file of Vault's token to be readable.", cause)
  }
}

function meaningOf(status: number): string {
  if (status === 403) return 'the token is not valid or may not read it'
  if (status === 404) return 'there is no such secret, or its newest version is deleted'
  if (status === 429 || status === 472 || status === 473) return 'this server is a standby'
  if (status === 503) return 'it is sealed or under maintenance'
  return 'see its log'
}

/** The answer is `{ data: { data: { field: value }, metadata } }`. */
function fieldOf(answer: unknown, field: string): unknown {
  const secret = (answer as { readonly data?: { readonly data?: unknown } } | null)?.data?.data
  if (typeof secret !== 'object' || secret === null || !Object.hasOwn(secret, field)) return undefined
  return (secret as { readonly [name: string]: unknown })[field] ?? undefined
}

function unavailable(message: string, cause?: unknown): GestaError {
  return new GestaError('secret_unavailable', message, { cause })
}
