// The store's verdict on a commit. An unknown one is settled the only way there is: by the same commit again, or, when there is no time
// left for it, by a commit under the same id that keeps it out.
import { findGestaError, GestaError } from '../errors/gesta-error.ts'
import { isHeaderOf } from '../stores/commit.ts'
import type { Commit, Verdict } from '../stores/commit.ts'
import { backoffMs } from '../time/backoff.ts'
import type { Written } from './draft.ts'
import { emptyCommit } from './empty-commit.ts'
import type { Engine, Execution } from './engine.ts'
import { traced } from './traced.ts'

const repetitionsMax = 4
const repetitionDelay = { firstMs: 20, maxMs: 500 }

/**
 * Errors: `outcome_unknown` with the command id; `deadline_exceeded` when it is certain that nothing was stored; whatever the store says
 * when nothing was stored.
 */
export function verdictOn(engine: Engine, execution: Execution, { commit, draft }: Written): Promise<Verdict> {
  const { type, context } = execution
  const storing = traced(engine.tracing, 'commit', type, { context }, () =>
    engine.store.commit(commit, execution.commitOptions),
  )
  return storing.catch((error: unknown) => {
    // Anything but a definite success evicts: what the store holds now is not known here.
    for (const stream of draft.streams) engine.states.forget(stream.key)
    if (findGestaError(error, 'outcome_unknown') === undefined) throw error
    return repeat(engine, commit, execution, error)
  })
}

async function repeat(engine: Engine, commit: Commit, execution: Execution, first: unknown): Promise<Verdict> {
  const { deadline } = execution
  let cause = first
  for (let repetition = 1; repetition <= repetitionsMax && deadline.leftMs() > 0; repetition++) {
    const delayMs = backoffMs(repetitionDelay, repetition, engine.ids.random)
    await new Promise<void>((resolve) => engine.clock.after(delayMs, resolve))
    try {
      return counted(engine, commit, await engine.store.commit(commit, execution.commitOptions))
    } catch (error) {
      cause = error
    }
  }
  const settled = deadline.leftMs() > 0 ? undefined : await abandon(engine, execution)
  if (settled?.verdict === 'duplicate') return counted(engine, commit, settled)
  if (settled?.verdict === 'stored') {
    engine.recording?.committed()
    deadline.check(`${execution.type} was being stored`)
  }
  const message = `The store did not say whether the command ${commit.commandId} was stored. Dispatch it again with this commandId: it will never be decided twice.`
  throw new GestaError('outcome_unknown', message, { cause, facts: { commandId: commit.commandId } })
}

/** The verdict; a duplicate of the very commit that was unknown is the record of this attempt. */
function counted(engine: Engine, commit: Commit, verdict: Verdict): Verdict {
  if (verdict.verdict === 'duplicate' && isHeaderOf(verdict.header, commit)) engine.recording?.committed()
  return verdict
}

/** Takes the command's id, so that its commit can no longer be stored; a duplicate when it already is. Absent: the store does not say. */
async function abandon(engine: Engine, execution: Execution): Promise<Verdict | undefined> {
  const error = { code: 'deadline_exceeded', message: `The outcome was unknown when the deadline passed.` }
  try {
    const detail = engine.recording?.detailOf(execution, error, 0, 0)
    return await engine.store.commit(await emptyCommit(execution, 'abandoned', detail, engine.sealing))
  } catch {
    return undefined
  }
}
