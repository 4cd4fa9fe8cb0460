// The store's verdict on a commit. An unknown one is settled the only way there is: by the same commit again.
import { findGestaError, GestaError } from '../errors/gesta-error.ts'
import type { Commit, Verdict } from '../stores/commit.ts'
import { backoffMs } from '../time/backoff.ts'
import type { Written } from './draft.ts'
import type { Engine, Execution } from './engine.ts'

const repetitionsMax = 4
const repetitionDelay = { firstMs: 20, maxMs: 500 }

/** Errors: `outcome_unknown` with the command id; whatever the store says when nothing was stored. */
export function verdictOn(engine: Engine, execution: Execution, { commit, draft }: Written): Promise<Verdict> {
  return engine.store.commit(commit, execution.commitOptions).catch((error: unknown) => {
    // Anything but a definite success evicts: what the store holds now is not known here.
    for (const stream of draft.streams) engine.states.forget(stream.key)
    if (findGestaError(error, 'outcome_unknown') === undefined) throw error
    return repeat(engine, commit, execution, error)
  })
}

async function repeat(engine: Engine, commit: Commit, execution: Execution, first: unknown): Promise<Verdict> {
  let cause = first
  for (let repetition = 1; repetition <= repetitionsMax && execution.deadline.leftMs() > 0; repetition++) {
    const delayMs = backoffMs(repetitionDelay, repetition, engine.ids.random)
    await new Promise<void>((resolve) => engine.clock.after(delayMs, resolve))
    try {
      return await engine.store.commit(commit, execution.commitOptions)
    } catch (error) {
      cause = error
    }
  }
  const message = `The store did not say whether the command ${commit.commandId} was stored. Dispatch it again with this commandId: it will never be decided twice.`
  throw new GestaError('outcome_unknown', message, { cause, facts: { commandId: commit.commandId } })
}
