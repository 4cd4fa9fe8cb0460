// What the server needs to know of sessions: who a token stands for, and which contracts give and take tokens. @gesta/identity has it.
import type { RequestContext } from '@gesta/core'

/** What `serve({ sessions })` takes. Reference: docs/reference/http.md. */
export interface Sessions {
  /** Who a token stands for; absent: nobody. Asked with every request, so it should remember. */
  callerOf(token: string): RequestContext | undefined | Promise<RequestContext | undefined>
  /**
   * Whether the session behind a caller still goes on, which a token that is valid does not tell. Asked for streams of presentation events,
   * when they open and again while they last: no contract is asked for them, whose permission would say so. Default: it does.
   */
  isLive?(caller: RequestContext): Promise<boolean>
  readonly contracts: SessionContracts
  /** The code that sets up the first administrator; absent once there is one. */
  readonly setUpCode?: string | undefined
  /** Characters that a password needs at least, which pages say before one is typed. Default: they say nothing of it. */
  readonly passwordLengthMin?: number | undefined
  /** The clock, in milliseconds since 1970, by which tokens expire: cookies end with what they carry. Default: the system's. */
  readonly now?: (() => number) | undefined
}

/** Names of contracts, `Domain.Type`. */
export interface SessionContracts {
  /** Commands whose result has the tokens of a session: `accessToken`, `refreshToken`, when they expire, and perhaps `device`. */
  readonly starts: readonly string[]
  /** The command that takes `refreshToken` and gives the same. */
  readonly refresh: string
  /** Commands after which the caller's session has ended. */
  readonly ends: readonly string[]
  /** The query for the public keys that tokens are signed with: its answer may be kept for some minutes. */
  readonly keys?: string | undefined
}

/** Fields of a result that a browser gets as cookies. */
export const becomeCookies: readonly string[] = ['accessToken', 'refreshToken', 'device']

/** What a contract does with the tokens of sessions. */
export type SessionPart = 'starts' | 'refreshes' | 'ends' | 'keys'

/** Contract to part. Errors: a plain one for something that is no `Sessions`. */
export function sessionParts(sessions: Sessions | undefined): ReadonlyMap<string, SessionPart> {
  if (sessions === undefined) return new Map()
  const { starts, refresh, ends, keys } = sessions.contracts
  return new Map<string, SessionPart>([
    ...(keys === undefined ? [] : [[keys, 'keys'] as const]),
    ...ends.map((type) => [type, 'ends'] as const),
    ...starts.map((type) => [type, 'starts'] as const),
    [refresh, 'refreshes'],
  ])
}

/** Errors: a plain one for something else. */
export function checkSessions(sessions: Sessions): Sessions {
  const { callerOf, contracts } = sessions as Partial<Sessions>
  const lists: readonly unknown[] = [contracts?.starts, contracts?.ends]
  if (typeof callerOf === 'function' && typeof contracts?.refresh === 'string' && lists.every(Array.isArray))
    return sessions
  throw new Error(
    'serve: expected sessions to have callerOf and contracts, as `await identity.open(running)` gives them.',
  )
}
