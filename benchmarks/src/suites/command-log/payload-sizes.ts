// The payloads that records are measured with.

/** Bytes by the name that rows give them. */
export const payloadSizes: readonly (readonly [size: string, bytes: number])[] = [
  ['100 B', 100],
  ['1 KB', 1_000],
  ['10 KB', 10_000],
  ['100 KB', 100_000],
]
