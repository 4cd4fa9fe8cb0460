// Decides and stores, again when another command was faster: the loop at the heart of a dispatch.
import type { DecideHandler } from '../aggregates/aggregate.ts'
import { checkKey } from '../codec/key-text.ts'
import type { Rejected } from '../contracts/messages.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { observationNames } from '../observation/observation-names.ts'
import { observeEvent } from '../registry/registry.ts'
import { checkRejection } from '../registry/rejection.ts'
import { erasureStream } from '../contracts/subject-erased.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { parse } from '../schema/parse.ts'
import { eventCount, isHeaderOf } from '../stores/commit.ts'
import type { Receipt, StreamName } from '../stores/commit.ts'
import { backoffMs } from '../time/backoff.ts'
import {
  authorizeAnew,
  conditionStreams,
  isPermissionConflict,
  permissionsMoved,
  watchEpochs,
} from './authorize-anew.ts'
import { decide } from './decide.ts'
import { write } from './draft.ts'
import type { Draft, DraftStream, Written } from './draft.ts'
import { outcomeOf } from './engine.ts'
import type { AnyOutcome, Engine, Execution } from './engine.ts'
import { factsOf } from './facts.ts'
import type { RunHandler } from './handler.ts'
import { sameCommand, sameKey } from './recall.ts'
import { run } from './run.ts'
import type { Failure } from './run.ts'
import { verdictOn } from './verdict.ts'

/** Decisions taken for one command at most, before it gives up with `conflict`. */
const attemptsMax = 12
const retryDelay = { firstMs: 1, maxMs: 64 }

/** Errors: the handler's own, unchanged; `version_mismatch`, `conflict`, `deadline_exceeded`, `outcome_unknown`, `store_*`. */
export function decideAndCommit(
  engine: Engine,
  handler: DecideHandler | RunHandler,
  execution: Execution,
): Promise<AnyOutcome> {
  const made: string[] = []
  if ('decider' in handler) return decideInTurn(engine, handler, execution, made)
  if (execution.options.expectedVersion !== undefined) throw noSingleTarget(execution)
  return settle(engine, execution, () => run(engine, handler, execution, made), undefined)
}

/** One after the other for each aggregate. */
function decideInTurn(
  engine: Engine,
  handler: DecideHandler,
  execution: Execution,
  made: string[],
): Promise<AnyOutcome> {
  const { aggregate } = handler
  const id = handler.idOf(execution.input, factsOf(engine, execution, 0, made)) as string
  checkKey(id, `the id of ${aggregate.name}`)
  const key = engine.states.key(execution.tenant, aggregate.name, id)
  // The decider goes on with fresh ids after those that the aggregate's own id took.
  const taken = made.length
  const decideOnce = (): Draft | Failure | Promise<Draft | Failure> => {
    const cached = engine.states.cached(key)
    if (cached !== undefined) return attempt(engine, handler, execution, id, key, cached, { made, taken })
    return engine.states
      .load(aggregate, execution.tenant, id)
      .then((before) => attempt(engine, handler, execution, id, key, before, { made, taken }))
  }
  const turn = engine.queue.take(key, execution.deadline.limited ? execution.deadline.signal : undefined)
  const settled = (): Promise<AnyOutcome> => settle(engine, execution, decideOnce, key)
  return turn === undefined ? settled() : turn.then(settled)
}

function attempt(
  engine: Engine,
  handler: DecideHandler,
  execution: Execution,
  id: string,
  key: string,
  before: DraftStream['before'],
  { made, taken }: { readonly made: string[]; readonly taken: number },
): Draft | Failure {
  try {
    return decide(handler, execution, id, key, before, factsOf(engine, execution, before.version, made, taken))
  } catch (error) {
    return { error, streams: [{ aggregate: handler.aggregate, id, key, before, events: [] }] }
  }
}

/** `turn`: the aggregate whose turn ends with this command. */
async function settle(
  engine: Engine,
  execution: Execution,
  decideOnce: () => Draft | Failure | Promise<Draft | Failure>,
  turn: string | undefined,
): Promise<AnyOutcome> {
  let permissionChanges = 0
  try {
    for (let attempts = 1; ; attempts++) {
      const decided = decideOnce()
      const draft = decided instanceof Promise ? await decided : decided
      const writing = 'error' in draft ? draft : writtenOrFailure(engine, execution, draft)
      const written =
        writing instanceof Promise
          ? await execution.deadline.race(`${execution.contract.type} was being written`, writing)
          : writing
      if ('error' in written) {
        // The fault may come from a state that is no longer true: then it is not the command's.
        const change = await moved(engine, execution, written.streams)
        if (change === 'nothing') throw written.error
        if (change === 'permissions') {
          await authorizeAnew(engine, execution, ++permissionChanges)
          attempts--
          continue
        }
      } else {
        execution.deadline.check(`${execution.contract.type} was waiting to be stored`)
        const verdict = await watchEpochs(engine, written.commit, verdictOn(engine, execution, written))
        if (verdict.verdict === 'stored') return stored(engine, execution, written, verdict)
        if (verdict.verdict === 'duplicate') {
          // What nobody stored is told from here, to the caller whose commit it is.
          if (execution.contract.secretResult === true && isHeaderOf(verdict.header, written.commit))
            return outcomeOf(engine.tokens, written.header, written.commit.commandId, verdict.header)
          return verdict.by === 'key'
            ? sameKey(engine.tokens, execution, verdict.header, verdict.fingerprint)
            : await sameCommand(engine, execution, verdict.header)
        }
        if (isPermissionConflict(engine, execution, verdict.stream, verdict.actual)) {
          await authorizeAnew(engine, execution, ++permissionChanges)
          attempts--
          continue
        }
        for (const stream of written.draft.streams) engine.states.forget(stream.key)
        noteErasure(engine, execution, verdict.stream)
      }
      if (attempts === attemptsMax) throw lostEveryRace(execution)
      execution.retries = attempts
      await pause(engine, execution, attempts)
    }
  } finally {
    if (turn !== undefined) engine.queue.release(turn)
  }
}

/** What has moved since the decision was taken. Folded states that moved are forgotten. */
async function moved(
  engine: Engine,
  execution: Execution,
  streams: readonly DraftStream[],
): Promise<'nothing' | 'permissions' | 'streams'> {
  const { tenant } = execution
  const asked = [
    ...streams.map(({ aggregate, id }) => ({ tenant, aggregateType: aggregate.name, aggregateId: id })),
    ...conditionStreams(execution),
  ]
  if (asked.length === 0) return 'nothing'
  const versions = await engine.store.versions(asked)
  let change: 'nothing' | 'streams' = 'nothing'
  streams.forEach((stream, at) => {
    if (versions[at] === stream.before.version) return
    engine.states.forget(stream.key)
    change = 'streams'
  })
  return permissionsMoved(engine, execution, versions.slice(streams.length)) ? 'permissions' : change
}

/** The draft as it will be stored, or the fault of what it made: at once, or a promise when a schema is asynchronous. */
function writtenOrFailure(
  engine: Engine,
  execution: Execution,
  draft: Draft,
): Written | Failure | Promise<Written | Failure> {
  const writeAnswered = (answered: Draft): Written | Promise<Written> => write(answered, execution, engine)
  const failed = (error: unknown): Failure => ({ error, streams: draft.streams })
  try {
    const checked = checkAnswer(draft, execution)
    const written = checked instanceof Promise ? checked.then(writeAnswered) : writeAnswered(checked)
    return written instanceof Promise ? written.catch(failed) : written
  } catch (error) {
    return failed(error)
  }
}

/** Results and rejections leave as their schemas have them: what these do not name is stripped. */
function checkAnswer(draft: Draft, { contract }: Execution): Draft | Promise<Draft> {
  if (draft.outcome === 'accepted' && contract.result === undefined) return draft
  const checked =
    draft.outcome === 'rejected'
      ? checkRejection(contract, draft.answer as Rejected<string, unknown>)
      : parse(contract.result, draft.answer, 'invalid_output', `the result of ${contract.type}`)
  return checked instanceof Promise ? checked.then((answer) => ({ ...draft, answer })) : { ...draft, answer: checked }
}

function stored(engine: Engine, execution: Execution, written: Written, receipt: Receipt): AnyOutcome {
  const { commit, header, shown } = written
  engine.recording?.committed()
  advance(engine, written, receipt)
  for (const { type } of commit.messages)
    observeEvent(engine.registry, observationNames.storeCommandEvents, { category: 'integration', type }, undefined)
  engine.present(shown, execution, commit, receipt.position)
  const count = eventCount(commit)
  return outcomeOf(engine.tokens, header, commit.commandId, { position: receipt.position, eventCount: count })
}

/** Brings the states in memory over what was stored. */
function advance(engine: Engine, { draft, commit }: Written, receipt: Receipt): void {
  let events: readonly RecordedEvent[]
  try {
    events = engine.decoder.takeEventsOf({ commit, receipt })
  } catch {
    // They are stored and sealed, and their keys are no longer in memory; whoever loads the aggregates next reads them.
    for (const stream of draft.streams) engine.states.forget(stream.key)
    return
  }
  let from = 0
  for (const stream of draft.streams) {
    if (stream.events.length === 0) continue
    const to = from + stream.events.length
    const own = from === 0 && to === events.length ? events : events.slice(from, to)
    // A command's own stream is written once and read by nobody who decides.
    if (engine.aggregates.has(stream.aggregate.name))
      engine.states.advance(stream.key, stream.aggregate, stream.before, own)
    from = to
  }
}

/** A commit that lost against an erasure tells of it, before the event itself has come round. */
function noteErasure({ sealing }: Engine, { tenant }: Execution, { aggregateType, aggregateId }: StreamName): void {
  if (aggregateType === erasureStream) sealing?.keyring.forget({ tenant, subject: aggregateId })
}

async function pause(engine: Engine, { deadline, contract }: Execution, attempts: number): Promise<void> {
  // The first repetition goes at once: most races are lost to one other command.
  if (attempts === 1) return
  const delayMs = Math.min(backoffMs(retryDelay, attempts, engine.ids.random), deadline.leftMs())
  await new Promise<void>((resolve) => engine.clock.after(delayMs, resolve))
  deadline.check(`${contract.type} was being decided again`)
}

function noSingleTarget({ contract }: Execution): Error {
  return new Error(
    `${contract.type} has no single target, so expectedVersion cannot be asked of it. Leave it out: what its handler loads is checked.`,
  )
}

function lostEveryRace({ contract, commandId }: Execution): GestaError {
  return new GestaError(
    'conflict',
    `${contract.type} was decided ${attemptsMax} times, and each time another command was stored first. Try again, or make the aggregate smaller.`,
    { facts: { commandId, attempts: attemptsMax } },
  )
}
