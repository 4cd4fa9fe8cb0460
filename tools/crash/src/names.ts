// What the writing process and the one that checks it must call by the same name.
export const aggregateType = 'Crash'
export const addedType = 'Crash.Added'
export const modelName = 'Crash.Sums'

/** A stream that many commits write has a row of its own; all others share one. */
export function rowOf(aggregateId: string): string {
  return aggregateId.startsWith('s') ? aggregateId : 'others'
}
