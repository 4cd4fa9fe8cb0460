// Who counts what comes of commands and queries. It is told at the end of each, and must not throw.

export interface Meter {
  /** `startedUs`: of the monotonic clock. */
  ended(kind: 'command' | 'query', type: string, startedUs: number, outcome: 'accepted' | 'rejected' | 'answered'): void
  /** It ended in an error. `signal`: the caller's. */
  failed(
    kind: 'command' | 'query',
    type: string,
    startedUs: number,
    cause: unknown,
    signal: AbortSignal | undefined,
  ): void
}
/** In place of the type of a message that the app has no contract for: what callers make up must not become a label. */
export const unknownType = 'unknown'
