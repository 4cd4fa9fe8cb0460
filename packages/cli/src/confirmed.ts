// Asks before what cannot be taken back.
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/** Errors: `UsageError` where nobody can be asked; a plain one when the answer is no. */
export async function confirmed(terminal: Terminal, question: string): Promise<void> {
  if (!terminal.canAsk) throw new UsageError('Expected --yes, because nobody can be asked here.')
  if (!(await terminal.confirm(question))) throw new Error('Nothing was changed.')
}
