// Reads an access token: what it claims, and whether a key of this app says so. Strict where the standard leaves room: one algorithm, one
// type, one audience, every claim there and of its kind (RFC 9068, RFC 8725).
import { verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { RequestContext } from '@gesta/core'
import { z } from 'zod'
import { signingAlgorithm } from './signing-keys.ts'

/** Characters that a token may have, as it fits into a cookie. */
export const tokenLengthMax = 4_096
/** Clocks of processes differ: a token may have been signed so much later than now. Nothing is added to its end. */
const aheadMs = 5_000

export interface ReadToken {
  /** Which key signed it, as it says itself. */
  readonly kid: string
  /** Synchronous: on one thread that is quicker than to hand the work to others (67 to 108 microseconds). */
  verify(key: KeyObject, nowMs: number): { readonly caller: RequestContext; readonly expiresAt: number } | undefined
}

const shape = /^([\w-]{2,1024})\.([\w-]{2,4096})\.([\w-]{86})$/
const header = z.strictObject({
  alg: z.literal(signingAlgorithm),
  typ: z.literal('at+jwt'),
  kid: z.string().regex(/^[\w-]{1,64}$/),
})
const text = z.string().min(1).max(256)
const claims = z.object({
  iss: text,
  aud: text,
  sub: text,
  sid: text,
  tid: z.string().max(256).optional(),
  iid: text.optional(),
  iat: z.int(),
  nbf: z.int(),
  exp: z.int(),
  jti: text,
})

/** Absent: whatever the key, it is no token of this issuer. */
export function readToken(token: string, issuer: string): ReadToken | undefined {
  const [, head, body, signature] = shape.exec(token) ?? []
  if (head === undefined || body === undefined || signature === undefined) return undefined
  const said = header.safeParse(jsonOf(head))
  if (!said.success) return undefined
  return {
    kid: said.data.kid,
    verify: (key, nowMs) => {
      // Nothing of the claims is looked at before the signature holds.
      if (!verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))) return undefined
      const claimed = claims.safeParse(jsonOf(body))
      if (!claimed.success) return undefined
      const { iss, aud, sub, sid, tid, iid, nbf, exp } = claimed.data
      if (iss !== issuer || aud !== issuer || (tid === undefined) !== (iid === undefined)) return undefined
      const expiresAt = exp * 1_000
      if (expiresAt <= nowMs || nbf * 1_000 > nowMs + aheadMs) return undefined
      const sender = { account: sub, session: sid }
      const caller = tid === undefined ? sender : { tenant: tid, identity: iid, ...sender }
      return { caller: Object.freeze(caller), expiresAt }
    },
  }
}

function jsonOf(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString())
  } catch {
    return undefined
  }
}
