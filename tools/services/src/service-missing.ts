// The error that a server could not be had: where it was looked for, why not there, and what a person can do.

export class ServiceMissing extends Error {
  override readonly name = 'ServiceMissing'

  constructor(title: string, reasons: readonly string[], remedy: string) {
    super([`${title} could not be had.`, ...new Set(reasons.map((reason) => `  ${reason}`)), remedy].join('\n'))
  }
}

/** The first line of what went wrong, with its causes: what people need to know from one attempt of several. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
