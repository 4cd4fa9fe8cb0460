// Runs a command handler in the general form: what it loads and emits becomes a draft.
import { isRejected } from '../contracts/messages.ts'
import type { Outgoing, Rejected } from '../contracts/messages.ts'
import { recordEvent } from '../registry/recorder.ts'
import type { Recorder } from '../registry/recorder.ts'
import { checkedNote } from './auditing.ts'
import type { AuditNote } from './auditing.ts'
import type { Draft, DraftStream } from './draft.ts'
import type { Engine, Execution } from './engine.ts'
import { factsOf } from './facts.ts'
import type { CommandContext, RunHandler } from './handler.ts'
import { whileHandling } from './nesting.ts'
import { queryContext } from './query.ts'
import { createHandlerWork } from './handler-work.ts'
import type { HandlerWork } from './handler-work.ts'

/** The streams that a handler had read when it failed, beside its error. */
export interface Failure {
  readonly error: unknown
  readonly streams: readonly DraftStream[]
}

/** The rejection that what was emitted is stored with. */
interface Answers {
  keeping: Rejected<string, unknown> | undefined
}

/** The draft, or the handler's failure with what it had read. */
export async function run(
  engine: Engine,
  handler: RunHandler,
  execution: Execution,
  made: string[],
): Promise<Draft | Failure> {
  const work = createHandlerWork(engine, execution)
  execution.notes = []
  const answers: Answers = { keeping: undefined }
  const context = commandContext(engine, execution, work, made, answers)
  const handling = { open: true }
  try {
    const answer = await execution.deadline.race(
      `${execution.contract.type} was running`,
      whileHandling(engine.registry, handling, () => handler.run(execution.input, context)),
    )
    const { streams } = work
    if (!isRejected(answer)) return { streams, leaving: work.leaving, outcome: 'accepted', answer }
    return answer === answers.keeping
      ? { streams, leaving: work.leaving, outcome: 'rejected', answer }
      : { streams: streams.map((stream) => ({ ...stream, events: [] })), leaving: [], outcome: 'rejected', answer }
  } catch (error) {
    return { error, streams: work.streams }
  } finally {
    handling.open = false
    work.close()
  }
}

/** Also a recorder, so that the registry's emit functions work in an app's handlers. */
function commandContext(
  engine: Engine,
  execution: Execution,
  work: HandlerWork,
  made: string[],
  answers: Answers,
): CommandContext {
  const { options, deadline, context } = execution
  const facts = factsOf(engine, execution, 0, made)
  const asking = { role: options.role ?? engine.role, after: undefined, deadline, metadata: options.metadata }
  const record: Recorder[typeof recordEvent] = (event, audience) => work.emit(event, audience)
  const own = {
    load: work.load,
    emit: (...messages: readonly Outgoing[]) => {
      for (const message of messages) work.emit(message, undefined)
    },
    [recordEvent]: record,
    keeping: <Rejection extends Rejected<string, unknown>>(rejection: Rejection): Rejection => {
      answers.keeping = rejection
      return rejection
    },
    audit: (note: AuditNote) => {
      work.checkOpen({ type: note.action ?? execution.type })
      execution.notes = [...execution.notes, checkedNote(note, execution.type)]
    },
  }
  return Object.assign(
    queryContext(engine, context, asking),
    { now: facts.now, newId: facts.newId },
    own,
  ) as CommandContext
}
