// What a sign-in ends in: the tokens of a session. They are told once, and stored nowhere as they are.
import { z } from 'zod'

/** A token to act by, and who the session acts as. */
export interface AccessGranted {
  /** A signed token (JWT) for `authorization: Bearer ...`. */
  readonly accessToken: string
  /** RFC 3339, UTC. */
  readonly accessTokenExpiresAt: string
  readonly session: string
  readonly account: string
  /** Who the session acts as; absent until an identity was selected. */
  readonly tenant?: string | undefined
  readonly identity?: string | undefined
}
export interface SessionTokens extends AccessGranted {
  /** Exchanged for new tokens, once. */
  readonly refreshToken: string
  /** RFC 3339, UTC: when it can no longer be exchanged. */
  readonly refreshTokenExpiresAt: string
  /** Names this device at the next sign-in, so that what others try does not slow it down. */
  readonly device?: string | undefined
}

const granted = {
  accessToken: z.string(),
  accessTokenExpiresAt: z.string(),
  session: z.string(),
  account: z.string(),
  tenant: z.string().optional(),
  identity: z.string().optional(),
}
export const accessGranted: z.ZodType<AccessGranted> = z.object(granted)
export const sessionTokens: z.ZodType<SessionTokens> = z.object({
  ...granted,
  refreshToken: z.string(),
  refreshTokenExpiresAt: z.string(),
  device: z.string().optional(),
})
