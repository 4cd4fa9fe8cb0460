// How a trace is shown to people: a tree, with what followed from a command, an event or a message below it.
import { tookOf } from './command-text.ts'
import { counted, grouped } from './numbers.ts'
import type { ShownTrace, ShownTraced } from './shown-command.ts'
import { visibleInLine } from './visible.ts'

interface Branch {
  readonly line: string
  readonly below: readonly Branch[]
}

export function traceText({ kind, tenant, correlationId, commands, truncated }: ShownTrace): string {
  const of = tenant === '' ? '' : ` of tenant ${visibleInLine(tenant)}`
  const lines = commands.flatMap((command) => linesOf(commandBranch(command), '', ''))
  const more = truncated ? ['', 'There are more commands; --limit shows more of them.'] : []
  const heading = `correlation ${visibleInLine(correlationId)}${of}, found by ${kind} id`
  return [heading, '', ...lines, ...more].join('\n')
}

/** Deeper than its branches go by one column of three characters each. */
function linesOf({ line, below }: Branch, first: string, rest: string): readonly string[] {
  const last = below.length - 1
  return [
    first + visibleInLine(line),
    ...below.flatMap((branch, at) =>
      linesOf(branch, `${rest}${at === last ? '└─ ' : '├─ '}`, `${rest}${at === last ? '   ' : '│  '}`),
    ),
  ]
}

function commandBranch({ record, events, messages, jobs, followed }: ShownTraced): Branch {
  const { commandType, commandId, status, error, duplicateOf, recordedAt } = record
  const code = error === undefined ? '' : ` (${error.code})`
  const first = duplicateOf === undefined ? '' : ` of ${duplicateOf}`
  const took = tookOf(record)
  return {
    line: `${commandType} ${commandId}: ${status}${first}${code} at ${recordedAt}${took === '' ? '' : ` in ${took}`}`,
    below: [
      ...events.map(eventBranch),
      ...messages.map(messageBranch),
      ...jobs.map(jobBranch),
      ...followed.map(commandBranch),
    ],
  }
}

function eventBranch({ id, type, position, aggregateType, aggregateId, version, readModels, followed }: Event): Branch {
  return {
    line: `event ${type} ${id} at position ${grouped(position)}: ${aggregateType} ${aggregateId}, version ${grouped(version)}`,
    below: [
      ...readModels.map(({ name, state, seen, lagEvents }) => {
        const behind = lagEvents === 0 ? '' : `, ${counted(lagEvents, 'event')} behind`
        return { line: `${seen ? 'seen' : 'not seen'} by ${name} (${state}${behind})`, below: [] }
      }),
      ...followed.map(commandBranch),
    ],
  }
}

function messageBranch({ id, type, key, state, attempts, lastError, followed }: Message): Branch {
  const what = type === undefined ? '' : ` ${type}`
  const whose = key === undefined ? '' : ` of ${key}`
  const failed = attempts === 0 ? '' : `, ${counted(attempts, 'failed attempt')} (${lastError ?? 'unknown'})`
  return { line: `message${what} ${id}${whose}: ${state}${failed}`, below: followed.map(commandBranch) }
}

function jobBranch(job: Job): Branch {
  const { id, type, followed } = job
  return { line: `job${type === undefined ? '' : ` ${type}`} ${id}${lifeOf(job)}`, below: followed.map(commandBranch) }
}

/** What has become of a job; nothing of one that is kept no longer. */
function lifeOf({ state, queue, attempts = 0, dueAt, lastError, reason }: Job): string {
  if (state === undefined) return ''
  const where = queue === undefined || queue === 'default' ? '' : ` in ${queue}`
  const isTimed = state === 'scheduled' || state === 'retry_scheduled' || state === 'waiting'
  const when = isTimed && dueAt !== undefined ? `, due at ${new Date(dueAt / 1000).toISOString()}` : ''
  const runs = attempts === 0 ? '' : `, ${counted(attempts, 'attempt')}`
  const failed = lastError === undefined ? '' : ` (${lastError})`
  const why = reason === undefined ? '' : `: ${reason}`
  return `: ${state.replaceAll('_', ' ')}${where}${when}${runs}${failed}${why}`
}

type Event = ShownTraced['events'][number]
type Message = ShownTraced['messages'][number]
type Job = ShownTraced['jobs'][number]
