// What `start({ audit })` may say.
export interface AuditOptions {
  /** Ed25519 private key, PEM (PKCS #8): signs checkpoints. Default: none can be taken. */
  readonly signingKey?: string | undefined
  /** Denials of callers without an account that are kept per second; what is beyond is counted. Default 100. */
  readonly anonymousPerSecond?: number | undefined
}
