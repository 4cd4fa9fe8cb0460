// What the command ends with. Scripts rely on these numbers: docs/reference/cli.md.

export const done = 0
export const failed = 1
export const wrongUsage = 2
/** A check was carried out, and what it compared differs. */
export const foundDifferences = 3

export type ExitCode = typeof done | typeof failed | typeof wrongUsage | typeof foundDifferences
