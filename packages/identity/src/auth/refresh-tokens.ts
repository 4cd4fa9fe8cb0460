// The refresh token of each session: one row among the credentials, under the session's id, replaced by one conditional update. Several who
// come with the same token at once, such as the tabs of a browser, get the same successor for as long as the grace lasts.
import { randomBytes } from 'node:crypto'
import { GestaError, systemTenant } from '@gesta/core'
import type { Credential, CredentialKey, Credentials, JsonValue } from '@gesta/core'
import type { Settings } from '../options.ts'
import {
  hashOfSecret,
  isHashOf,
  isMarked,
  newRefreshSecret,
  openSuccessor,
  parseRefreshToken,
  refreshTokenText,
  sealSuccessor,
} from './refresh-token-text.ts'
import type { RefreshToken } from './refresh-token-text.ts'

/** Where a session was used from, as far as its transport noted it. */
export interface UsedFrom {
  readonly address?: string | undefined
  readonly userAgent?: string | undefined
}
/** A token that was exchanged not long ago. */
interface Former {
  readonly hash: string
  /** Its successor, sealed by itself. */
  readonly successor: string
  readonly exchangedAt: number
  readonly use: string
}
/** What lies sealed in the row; times in milliseconds since 1970. */
interface Kept extends UsedFrom {
  readonly hash: string
  readonly markKey: string
  /** The version of the account that the session started on: what ends all sessions has a later one. */
  readonly since: number
  readonly expiresAt: number
  /** The session ends then, however often it is refreshed. */
  readonly endsAt: number
  readonly usedAt: number
  readonly formers: readonly Former[]
}
export interface IssuedRefreshToken {
  readonly text: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}
/** `reused`: it was exchanged before, and its grace is over. `unknown`: it is no token of a session, was guessed, or has expired. */
export type Exchanged = IssuedRefreshToken | 'reused' | 'unknown'
export interface SessionUse extends UsedFrom {
  readonly session: string
  readonly usedAt: number
}
type Parts = {
  readonly credentials: Credentials
  readonly settings: Pick<Settings, 'now' | 'sessionIdleSeconds' | 'refreshGraceSeconds'>
}

const kind = 'refresh'
/** How many exchanges within one grace are remembered: more than any browser makes. */
const formersMax = 16
const triesMax = 1_000
const pageItems = 200

interface NewToken {
  readonly session: string
  readonly account: { readonly id: string; readonly version: number }
  readonly endsAt: number
}

/** Writes the first token of a session; harmless to repeat for a session that no event names yet. */
export async function issueRefreshToken(
  { credentials, settings }: Parts,
  { session, account, endsAt }: NewToken,
  from: UsedFrom,
): Promise<IssuedRefreshToken> {
  const markKey = randomBytes(32)
  const secret = newRefreshSecret(markKey)
  const now = settings.now()
  const kept: Kept = {
    hash: hashOfSecret(secret),
    markKey: markKey.toString('base64url'),
    since: account.version,
    expiresAt: Math.min(now + settings.sessionIdleSeconds * 1_000, endsAt),
    endsAt,
    usedAt: now,
    formers: [],
    ...told(from),
  }
  for (let tries = 0; tries < triesMax; tries++) {
    const before = await credentials.get(keyOf(session))
    if (await credentials.put(keyOf(session), credentialOf(account.id, kept), before?.version ?? 0))
      return issued(session, secret, kept)
  }
  throw contended(session)
}

/**
 * Exchanges a token for its successor: once, and within the grace again for the same. Whether the session lives is asked before.
 * @param use an id that stays the same when a handler runs again: the same use finds its own exchange, however short the grace is.
 */
export async function exchangeRefreshToken(
  parts: Parts,
  text: string,
  from: UsedFrom,
  use: string,
): Promise<Exchanged> {
  const { credentials, settings } = parts
  const token = parseRefreshToken(text)
  if (token === undefined) return 'unknown'
  for (let tries = 0; tries < triesMax; tries++) {
    const row = await credentials.get(keyOf(token.session))
    if (row === undefined) return 'unknown'
    const kept = keptOf(row)
    const now = settings.now()
    const markKey = Buffer.from(kept.markKey, 'base64url')
    if (!isMarked(markKey, token.secret) || kept.expiresAt <= now) return 'unknown'
    const graceMs = settings.refreshGraceSeconds * 1_000
    const formers = kept.formers.filter((former) => former.use === use || now - former.exchangedAt <= graceMs)
    if (!isHashOf(kept.hash, token.secret)) {
      const newest = newestAfter(formers, token.secret)
      return newest !== undefined && isHashOf(kept.hash, newest) ? issued(token.session, newest, kept) : 'reused'
    }
    const successor = newRefreshSecret(markKey)
    const exchanged: Former = {
      hash: kept.hash,
      successor: sealSuccessor(token.secret, successor),
      exchangedAt: now,
      use,
    }
    const next: Kept = {
      ...kept,
      hash: hashOfSecret(successor),
      expiresAt: Math.min(now + settings.sessionIdleSeconds * 1_000, kept.endsAt),
      usedAt: now,
      formers: [...formers, exchanged].slice(-formersMax),
      ...told(from),
    }
    if (await credentials.put(keyOf(token.session), credentialOf(row.subject, next), row.version))
      return issued(token.session, successor, next)
  }
  throw contended(token.session)
}

/** The session that a text names, whoever made the text up. */
export function sessionNamedBy(text: string): string | undefined {
  return parseRefreshToken(text)?.session
}

/** Nothing can be exchanged any more. For sessions that have ended already. */
export async function removeRefreshToken(credentials: Credentials, session: string): Promise<void> {
  await credentials.remove(keyOf(session))
}

/**
 * Of an account all that started before an ending of all, which is stored; one session may be spared. A sign-in that is still under way
 * is decided again, on what the account is now, and writes its row anew.
 */
export async function removeRefreshTokens(
  credentials: Credentials,
  account: string,
  { before, except }: { readonly before: number; readonly except: string | undefined },
): Promise<void> {
  for await (const { id } of rowsOf(credentials, account)) {
    if (id === except) continue
    for (;;) {
      const row = await credentials.get(keyOf(id))
      if (row === undefined || keptOf(row).since >= before || (await credentials.remove(keyOf(id), row.version))) break
    }
  }
}

/** The sessions of an account whose refresh token has not expired; some of them may have ended. */
export async function usesOf({ credentials, settings }: Parts, account: string): Promise<readonly SessionUse[]> {
  const uses: SessionUse[] = []
  for await (const row of rowsOf(credentials, account)) {
    const { expiresAt, usedAt, address, userAgent } = keptOf(row)
    if (expiresAt > settings.now()) uses.push({ session: row.id, usedAt, ...told({ address, userAgent }) })
  }
  return uses
}

async function* rowsOf(credentials: Credentials, account: string): AsyncGenerator<Credential> {
  for (let cursor: string | undefined; ;) {
    const page = await credentials.list({ tenant: systemTenant, kind, subject: account }, { limit: pageItems, cursor })
    yield* page.items
    cursor = page.cursor
    if (cursor === undefined) return
  }
}

/** Who holds a token that was exchanged twice within the grace gets the last of its line, so that it need not come again. */
function newestAfter(formers: readonly Former[], secret: Buffer): Buffer | undefined {
  let newest: Buffer | undefined
  for (const { hash, successor } of formers) {
    const holder: Buffer = newest ?? secret
    if (isHashOf(hash, holder)) newest = openSuccessor(holder, successor)
  }
  return newest
}

function keyOf(session: string): CredentialKey {
  return { tenant: systemTenant, kind, id: session }
}
function keptOf({ value }: Credential): Kept {
  return value as unknown as Kept
}
function credentialOf(account: string, kept: Kept) {
  return { subject: account, value: kept as unknown as JsonValue, expiresAt: kept.expiresAt * 1_000 }
}
function issued(session: RefreshToken['session'], secret: Buffer, { expiresAt }: Kept): IssuedRefreshToken {
  return { text: refreshTokenText({ session, secret }), expiresAt }
}
function told({ address, userAgent }: UsedFrom): UsedFrom {
  return {
    ...(address !== undefined && { address }),
    ...(userAgent !== undefined && { userAgent: userAgent.slice(0, 512) }),
  }
}

function contended(session: string): GestaError {
  return new GestaError('conflict', 'The refresh token of a session was changed by others all the time. Try again.', {
    facts: { session },
  })
}
