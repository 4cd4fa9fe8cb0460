// Messages to the view thread: a thread that died is asked once more, and what it says of a read model's statement is thrown.
import { GestaError } from '@gesta/core/ports'
import { ThreadDied } from './thread.ts'
import type { Thread } from './thread.ts'
import type { RefusedStatement, ViewMessage } from './view-messages.ts'

/** `check` throws when it must not be asked any more, such as after a removal. Errors: `store_*`, and a plain one for a refused statement. */
export async function callView(thread: Thread, message: ViewMessage, check: () => void): Promise<unknown> {
  check()
  try {
    return answerOf(await thread.call(message))
  } catch (error) {
    if (!(error instanceof ThreadDied)) throw error
  }
  check()
  try {
    return answerOf(await thread.call('again' in message ? { ...message, again: true } : message))
  } catch (error) {
    throw error instanceof ThreadDied ? diedTwice(message.path, error) : error
  }
}

/** The answer of a thread. Errors: a plain one for a statement of a read model's own that was refused. */
export function answerOf(answer: unknown): unknown {
  if (typeof answer === 'object' && answer !== null && 'refused' in answer)
    throw new Error((answer as RefusedStatement).refused)
  return answer
}

function diedTwice(path: string, cause: ThreadDied): GestaError {
  return new GestaError(
    'store_unavailable',
    `Expected ${path} to be written, but its thread died twice; what was asked may be done or not. Read the checkpoint, and go on from there.`,
    { cause, facts: { path } },
  )
}
