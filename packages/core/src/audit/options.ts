// What `start({ audit })` may say.
import { checkOptions } from '../schema/options.ts'
import { checkWhole } from '../stores/check-text.ts'
import { readSigningKey } from './signature.ts'

export interface AuditOptions {
  /** Ed25519 private key, PEM (PKCS #8): signs checkpoints. Default: none can be taken. */
  readonly signingKey?: string | undefined
  /** Denials of callers without an account that are kept per second; what is beyond is counted. Default 100. */
  readonly anonymousPerSecond?: number | undefined
}

/** Errors: plain ones, at set-up; none shows a key. */
export function checkAuditOptions(options: AuditOptions, app: string): void {
  checkOptions(options, ['signingKey', 'anonymousPerSecond'], `audit of start() of the app ${app}`)
  const { signingKey, anonymousPerSecond = 0 } = options
  checkWhole(anonymousPerSecond, 'option audit.anonymousPerSecond', 0, 1_000_000)
  if (signingKey !== undefined) readSigningKey(signingKey)
}
