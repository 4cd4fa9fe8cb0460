// Messages and jobs of traced commands: what their commits stored, and what became of them.
import type { NewJob, OutgoingMessage } from '../stores/commit.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import { jobId } from '../stores/job/job.ts'
import type { JobRow } from '../stores/job/job.ts'
import type { JobStore } from '../stores/job/job-store.ts'
import { messageId } from '../stores/outbox/message-id.ts'
import type { HeldMessage, OutboxStore } from '../stores/outbox/outbox-store.ts'
import { isCounted } from './trace-ids.ts'
import type { TracedJob, TracedMessage, TracedRecord } from './trace.ts'
import type { Growing } from './trace-tree.ts'

export interface SentParts {
  readonly events: Pick<EventStore, 'identity' | 'parts'>
  readonly outbox: Pick<OutboxStore, 'cursor' | 'list'>
  readonly jobs: Pick<JobStore, 'get'>
}
export interface Sent {
  readonly messages: readonly Growing<TracedMessage>[]
  readonly jobs: readonly Growing<TracedJob>[]
}

/** What the store still has of a commit's messages and jobs, without what they say. */
interface Left {
  readonly messages: readonly Pick<OutgoingMessage, 'type' | 'key'>[]
  readonly jobs: readonly Pick<NewJob, 'type'>[]
}
type Held = Pick<HeldMessage, 'type' | 'key' | 'state' | 'attempts' | 'lastError'>

/** Commits that are read at once. */
const togetherMax = 16
const heldPage = 1_000

/** By command, as a function of its record. Errors: `store_*`. */
export async function sentBy(
  { events, outbox, jobs }: SentParts,
  tenant: string,
  records: readonly TracedRecord[],
): Promise<(record: TracedRecord) => Sent> {
  const left = await leftOf(events, records)
  const countOf = (record: TracedRecord, part: keyof Left): number =>
    isCounted(record) ? record[part].length : (left.get(record)?.[part].length ?? 0)
  /** The part with this index; absent when some are gone, because nothing tells which. */
  const partOf = <Part extends keyof Left>(record: TracedRecord, part: Part, index: number) => {
    const parts: Left[Part] | undefined = left.get(record)?.[part]
    return parts?.length === countOf(record, part) ? (parts[index] as Left[Part][number] | undefined) : undefined
  }
  // The cursor first: what is settled meanwhile is held when it is looked for, or sent.
  const cursor = await outbox.cursor()
  const sending = records.filter((record) => countOf(record, 'messages') > 0)
  const all = sending.flatMap((record) => indices(countOf(record, 'messages'), (at) => partOf(record, 'messages', at)))
  const held = sending.length === 0 ? noneHeld : await heldOnes(outbox, tenant, sending, all)

  const rows = await jobRows(
    jobs,
    tenant,
    records.flatMap((record) => indices(countOf(record, 'jobs'), (index) => ({ commandId: record.commandId, index }))),
  )

  return (record) => {
    const { commandId, commitNo = 0 } = record
    return {
      messages: indices(countOf(record, 'messages'), (index) => {
        const facts = held.get(placeOf(commitNo, index))
        const { type, key } = facts ?? partOf(record, 'messages', index) ?? { type: undefined, key: undefined }
        return {
          id: messageId(events.identity, { tenant, commandId, index }),
          type,
          key,
          state: facts?.state ?? (commitNo > cursor ? 'waiting' : 'sent'),
          attempts: facts?.attempts ?? 0,
          lastError: facts?.lastError,
          followed: [],
        }
      }),
      jobs: indices(countOf(record, 'jobs'), (index) => {
        const id = jobId({ commandId, index })
        return tracedJob(id, rows.get(id), partOf(record, 'jobs', index)?.type)
      }),
    }
  }
}

async function leftOf(
  events: SentParts['events'],
  records: readonly TracedRecord[],
): Promise<ReadonlyMap<TracedRecord, Left>> {
  const asked = records.filter((one) => !isCounted(one) || one.messages.length > 0 || one.jobs.length > 0)
  const left = new Map<TracedRecord, Left>()
  const look = async (record: TracedRecord): Promise<void> => {
    const { messages = [], jobs = [] } = (await events.parts(record.tenant, record.commandId)) ?? {}
    left.set(record, {
      messages: messages.map(({ type, key }) => ({ type, key })),
      jobs: jobs.map(({ type }) => ({ type })),
    })
  }
  for (let at = 0; at < asked.length; at += togetherMax) await Promise.all(asked.slice(at, at + togetherMax).map(look))
  return left
}

/** What has become of jobs, by id, without those that are kept no longer. */
async function jobRows(
  jobs: SentParts['jobs'],
  tenant: string,
  asked: readonly { readonly commandId: string; readonly index: number }[],
): Promise<ReadonlyMap<string, JobRow>> {
  const rows = new Map<string, JobRow>()
  const look = async ({ commandId, index }: (typeof asked)[number]): Promise<void> => {
    const row = await jobs.get(tenant, commandId, index)
    if (row !== undefined) rows.set(jobId(row), row)
  }
  for (let at = 0; at < asked.length; at += togetherMax) await Promise.all(asked.slice(at, at + togetherMax).map(look))
  return rows
}

function tracedJob(id: string, row: JobRow | undefined, type: string | undefined): Growing<TracedJob> {
  return {
    id,
    type: row?.type ?? type,
    state: row?.state,
    queue: row?.queue,
    attempts: row?.attempt,
    dueAt: row?.dueAt,
    lastError: row?.story.failures.at(-1)?.error,
    reason: row?.story.reason,
    followed: [],
  }
}

/** What the outbox holds of these commits, by place: one list, as narrow as what they have in common. */
async function heldOnes(
  outbox: SentParts['outbox'],
  tenant: string,
  records: readonly TracedRecord[],
  messages: readonly (Left['messages'][number] | undefined)[],
): Promise<ReadonlyMap<string, Held>> {
  const filter = {
    tenant,
    type: common(messages.map((message) => message?.type)),
    key: common(messages.map((message) => message?.key)),
  }
  const last = Math.max(...records.map(({ commitNo = 0 }) => commitNo))
  const wanted = new Set(records.map(({ commitNo }) => commitNo))
  const held = new Map<string, Held>()
  let cursor: string | undefined
  do {
    const page = await outbox.list(filter, { cursor, limit: heldPage })
    for (const { commitNo, index, type, key, state, attempts, lastError } of page.items)
      if (wanted.has(commitNo)) held.set(placeOf(commitNo, index), { type, key, state, attempts, lastError })
    cursor = (page.items.at(-1)?.commitNo ?? 0) > last ? undefined : page.cursor
  } while (cursor !== undefined)
  return held
}

/** The value that all have. */
function common(values: readonly (string | undefined)[]): string | undefined {
  const [first] = values
  return values.every((value) => value === first) ? first : undefined
}

const placeOf = (commitNo: number, index: number): string => `${commitNo}.${index}`
const noneHeld: ReadonlyMap<string, Held> = new Map()

function indices<Item>(count: number, make: (index: number) => Item): readonly Item[] {
  return Array.from({ length: count }, (_, index) => make(index))
}
