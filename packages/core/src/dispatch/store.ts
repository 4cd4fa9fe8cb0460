// Hands a commit to the store and settles an unknown outcome the only way there is: by the same commit again.
import { findGestaError, GestaError } from '../errors/gesta-error.ts'
import type { Commit, Verdict } from '../stores/commit.ts'
import { backoffMs } from '../time/backoff.ts'
import type { DraftStream } from './draft.ts'
import type { Engine, Execution } from './engine.ts'

const repetitionsMax = 4
const repetitionDelay = { firstMs: 20, maxMs: 500 }

/** The store's verdict. Errors: `outcome_unknown` with the command id; whatever the store says when nothing was stored. */
export async function store(
  engine: Engine,
  commit: Commit,
  execution: Execution,
  streams: readonly DraftStream[],
): Promise<Verdict> {
  try {
    return await engine.store.commit(commit, execution.commitOptions)
  } catch (error) {
    // Anything but a definite success evicts: what the store holds now is not known here.
    for (const stream of streams) engine.states.forget(stream.key)
    if (findGestaError(error, 'outcome_unknown') === undefined) throw error
    return repeat(engine, commit, execution, error)
  }
}

async function repeat(engine: Engine, commit: Commit, execution: Execution, first: unknown): Promise<Verdict> {
  let cause = first
  for (let repetition = 1; repetition <= repetitionsMax && execution.deadline.leftMs() > 0; repetition++) {
    await new Promise<void>((resolve) =>
      engine.clock.after(backoffMs(repetitionDelay, repetition, engine.ids.random), resolve),
    )
    try {
      return await engine.store.commit(commit, execution.commitOptions)
    } catch (error) {
      cause = error
    }
  }
  const message = `The store did not say whether the command ${commit.commandId} was stored. Dispatch it again with this commandId: it will never be decided twice.`
  throw new GestaError('outcome_unknown', message, { cause, facts: { commandId: commit.commandId } })
}
