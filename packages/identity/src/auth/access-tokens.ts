// Access tokens: signed, short-lived, and verified without a look into a store. Whether what they say still holds, epochs tell.
import { hash, randomUUID } from 'node:crypto'
import type { Credentials, RequestContext } from '@gesta/core'
import { SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Settings } from '../options.ts'
import { readToken, tokenLengthMax } from './read-token.ts'
import { createSigningKeys, signingAlgorithm } from './signing-keys.ts'

interface TokenSubject {
  readonly account: string
  readonly session: string
  readonly tenant?: string | undefined
  readonly identity?: string | undefined
}
export interface AccessTokens {
  /** @param endsAt when its session ends, in milliseconds since 1970: no token outlives it. */
  sign(
    subject: TokenSubject,
    endsAt?: number,
  ): Promise<{ readonly token: string; /** RFC 3339, UTC. */ readonly expiresAt: string }>
  /** Who a token stands for: at once when it was seen before. Absent: it is none of this app's, has expired, or is not valid yet. */
  callerOf(token: string): RequestContext | undefined | Promise<RequestContext | undefined>
  /** The public keys, as a JSON Web Key Set. */
  keys(): Promise<{ readonly keys: readonly { readonly [name: string]: string }[] }>
  /** Makes a new key sign from now on. What older keys signed stays valid until it expires. */
  rotate(): Promise<void>
}
interface Verified {
  readonly caller: RequestContext
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}
const verifiedMax = 10_000

/**
 * Signs by keys that all processes share; the first one that starts makes the first key. A token that was verified is remembered by its
 * SHA-256, so that memory holds nobody's token. Errors of what it makes: `store_*`, `key_unreadable`.
 * Reference: docs/reference/identity.md.
 */
export async function createAccessTokens({
  credentials,
  settings,
}: {
  readonly credentials: Credentials
  readonly settings: Pick<Settings, 'url' | 'accessTokenSeconds' | 'now'>
}): Promise<AccessTokens & AsyncDisposable> {
  const { url, accessTokenSeconds, now } = settings
  const keys = await createSigningKeys({ credentials, lifetimeMs: accessTokenSeconds * 1_000, now })
  const verified = new LRUCache<string, Verified>({ max: verifiedMax })

  const remember = (digest: string, found: Verified | undefined): RequestContext | undefined => {
    if (found !== undefined) verified.set(digest, found)
    return found?.caller
  }
  return {
    sign: async ({ account, session, tenant, identity }, endsAt = Number.POSITIVE_INFINITY) => {
      const { kid, privateKey } = await keys.signing()
      const issuedAt = Math.floor(now() / 1_000)
      const expiresAt = Math.min(issuedAt + accessTokenSeconds, Math.floor(endsAt / 1_000))
      const token = await new SignJWT({
        sid: session,
        ...(tenant !== undefined && { tid: tenant }),
        ...(identity !== undefined && { iid: identity }),
      })
        .setProtectedHeader({ alg: signingAlgorithm, typ: 'at+jwt', kid })
        .setIssuer(url)
        .setAudience(url)
        .setSubject(account)
        .setIssuedAt(issuedAt)
        .setNotBefore(issuedAt)
        .setExpirationTime(expiresAt)
        .setJti(randomUUID())
        .sign(privateKey)
      return { token, expiresAt: new Date(expiresAt * 1_000).toISOString() }
    },
    callerOf: (token) => {
      if (token.length > tokenLengthMax) return undefined
      const digest = hash('sha256', token, 'base64')
      const known = verified.get(digest)
      if (known !== undefined) {
        if (known.expiresAt > now()) return known.caller
        verified.delete(digest)
        return undefined
      }
      const read = readToken(token, url)
      if (read === undefined) return undefined
      const key = keys.verifying(read.kid)
      if (key !== undefined) return remember(digest, read.verify(key, now()))
      // Another process may have begun to sign with a key that this one has not loaded.
      return keys.look(read.kid).then((found) => found && remember(digest, read.verify(found, now())))
    },
    keys: () => keys.published(),
    rotate: () => keys.rotate(),
    [Symbol.asyncDispose]: async () => verified.clear(),
  }
}
