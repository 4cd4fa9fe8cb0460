// An exchange of the secrets: keys and credentials, each sealed anew by the first one.
import type { Resealing } from '../stores/credential/credentials.ts'
import type { Rewrapping } from '../stores/key/secrets-in-use.ts'

/** What an exchange of the secrets did. */
export interface Rotation {
  /** Keys that are sealed by the first secret now and were not before. */
  readonly rewrapped: number
  /** Credentials, likewise. */
  readonly resealed: number
  /** Keys and credentials that are still sealed by another secret: once it is 0 in all processes, the others may go. */
  readonly remaining: number
}

/** What cannot be opened of the one keeps nothing of the other. Errors: those of the first that failed, once both are done. */
export async function rotateBoth(keys: Promise<Rewrapping>, credentials: Promise<Resealing>): Promise<Rotation> {
  await Promise.allSettled([keys, credentials])
  const [{ rewrapped, remaining }, resealing] = await Promise.all([keys, credentials])
  return { rewrapped, resealed: resealing.resealed, remaining: remaining + resealing.remaining }
}
