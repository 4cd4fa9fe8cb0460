// Names that the processes and the harness must call the same.
export const topic = 'ledger'
/** Of the publisher's messages; a publisher that is killed leaves commands that are sent again under their ids. */
export function commandIdOf(number: number): string {
  return `send-${number}`
}
