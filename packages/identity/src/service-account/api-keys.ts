// Who an API key stands for. Its hash is looked up and compared; whether the key and its service account still live, epochs tell.
import type { Credentials, Look, RequestContext, SessionOf } from '@gesta/core'
import { LRUCache } from 'lru-cache'
import { apiKeys } from './api-key.ts'
import { accountOfService, keyOfSession, sessionOfKey } from './key-session.ts'
import { apiKeyKey, hashOf, isHashOf, keptKey, parseKey } from './key-text.ts'
import { noteUse } from './last-used.ts'

export interface ApiKeys {
  /**
   * Who a text stands for: at once when it was seen within the last minute. Absent: it is no key, has expired, or its secret is wrong.
   * Errors: `store_*`, `key_unreadable`.
   */
  callerOf(text: string): RequestContext | undefined | Promise<RequestContext | undefined>
}
interface Known {
  readonly caller: RequestContext
  /** Milliseconds since 1970. */
  readonly until: number
}

const cachedMax = 10_000
const cachedMs = 60_000

/** Reference: docs/reference/identity.md, "Service accounts and API keys". */
export function createApiKeys({
  credentials,
  now,
}: {
  readonly credentials: Credentials
  readonly now: () => number
}): ApiKeys {
  /** By the hash of the text, so that no key lies in memory for longer than its request. Only those that were right. */
  const seen = new LRUCache<string, Known>({ max: cachedMax })

  const lookUp = async (text: string, hashed: string): Promise<RequestContext | undefined> => {
    const given = parseKey(text)
    if (given === undefined) return undefined
    const row = await credentials.get(apiKeyKey(given))
    const kept = row === undefined ? undefined : keptKey.parse(row.value)
    const isRight = isHashOf(kept?.hash, given.secret)
    if (!isRight || row === undefined || kept === undefined) return undefined
    const expiresAt = kept.expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(kept.expiresAt)
    const at = now()
    if (expiresAt <= at) return undefined
    const { tenant } = given
    const identity = row.subject
    const caller = Object.freeze({
      tenant,
      identity,
      account: accountOfService(identity),
      session: sessionOfKey(given),
    })
    seen.set(hashed, { caller, until: Math.min(expiresAt, at + cachedMs) })
    noteUse(credentials, given, identity, at)
    return caller
  }
  return {
    callerOf: (text) => {
      const hashed = hashOf(text)
      const known = seen.get(hashed)
      if (known === undefined) return lookUp(text, hashed)
      if (known.until > now()) return known.caller
      seen.delete(hashed)
      return lookUp(text, hashed)
    },
  }
}

/** Whether a session is a living key's of this tenant and identity. Without an identity it says so: a key signs nobody in. */
export async function isKeyLive(
  { tenant, identity, session }: Omit<SessionOf, 'account'>,
  look: Look,
): Promise<boolean | 'identity'> {
  if (identity === undefined) return 'identity'
  const named = keyOfSession(session)
  if (named === undefined || named.tenant !== tenant) return false
  const key = (await look.read(apiKeys, tenant).get(named.key))?.state
  return key?.status === 'live' && key.identity === identity
}
