// What `start({ permissions })` may say.
export interface PermissionOptions {
  /**
   * Milliseconds that queries may rely on what was known before, where several processes share a store: fewer reads for later revocation.
   * Commands are always exact. 0 to 60,000; default 0.
   */
  readonly staleMs?: number | undefined
  /** Identities whose permissions are kept in memory, 1 to 1,000,000. Default 10,000. */
  readonly cachedMax?: number | undefined
}
