// How records come into the log. Place and body first, then what finds the place, then the head that makes it a record: whoever dies
// between these leaves nothing that a reader sees, and whoever tells the record again makes it whole.
import type { CommandRecord, RecordCodec } from '@gesta/core/ports'
import { commandToken } from './command-log-options.ts'
import type { Blocks } from './command-log-blocks.ts'
import type { Bodies } from './command-log-bodies.ts'
import { headFacts } from './command-log-heads.ts'
import type { Head, Heads, KeptHead } from './command-log-heads.ts'
import { placeToken } from './command-log-places.ts'
import type { Places } from './command-log-places.ts'

export interface LogParts {
  readonly heads: Heads
  readonly bodies: Bodies
  readonly places: Places
  readonly blocks: Blocks
}

/** What is under way at once, about: records, and characters of their payloads. */
const runRecordsMax = 500
const runLengthMax = 8_388_608

/** Stores checked records, in order. Errors: `store_*`. */
export async function recordAll(parts: LogParts, records: readonly CommandRecord[], codec: RecordCodec): Promise<void> {
  for (const run of runsOf(records)) {
    // Whoever is in conflict was overtaken by another writer of the same command, and looks again.
    for (let left = run; left.length > 0;) left = await recordRun(parts, left, codec)
  }
}

interface Told {
  readonly record: CommandRecord
  readonly token: string
  readonly before: KeptHead | undefined
}

/** Resolves with the records that somebody else wrote about at the same time. */
async function recordRun(
  parts: LogParts,
  run: readonly CommandRecord[],
  codec: RecordCodec,
): Promise<readonly CommandRecord[]> {
  const { heads, bodies, places, blocks } = parts
  const told = await Promise.all(
    run.map(async (record): Promise<Told> => {
      const token = commandToken(record)
      return { record, token, before: await heads.get(token) }
    }),
  )
  const drafts = await Promise.all(
    told.filter(isNews).map(async ({ record, token, before }) => {
      const bytes = codec.encode({ ...record, commitNo: undefined })
      // An outcome takes the place of its start.
      const start = before?.purged === true ? undefined : before
      const [place, body] = await Promise.all([start?.place ?? places.add(record), bodies.write(token, bytes)])
      const restated = start === undefined || isFoundAs(start, record) ? undefined : placeToken(record)
      const head: Head = { ...headFacts(record), place, body, bytes: bytes.length, codec: codec.name }
      return { record, token, before, head, place, restated }
    }),
  )
  await blocks.note(drafts)
  const stored = await putHeads(heads, drafts)
  await Promise.all(
    drafts.map(async ({ head, before }, at) => {
      const [kept, gone] = stored[at] === true ? [head, before] : [before, head]
      if (gone === undefined) return
      await bodies.erase(gone.body)
      if (gone.place !== kept?.place) await places.erase(gone.place)
    }),
  )
  return drafts.filter((_, at) => stored[at] !== true).map(({ record }) => record)
}

interface Draft extends Pick<Told, 'token' | 'before'> {
  readonly head: Head
}

/** Whether each head was there first. What was stored behind one that failed is taken back, as far as the server can be told. */
async function putHeads(heads: Heads, drafts: readonly Draft[]): Promise<readonly boolean[]> {
  const answers = await Promise.allSettled(
    drafts.map(async (draft) => {
      const { token, head, before } = draft
      return { ...draft, revision: await heads.put(token, head, before?.revision ?? 0) }
    }),
  )
  const failed = answers.findIndex(({ status }) => status === 'rejected')
  const stored = answers.filter((answer) => answer.status === 'fulfilled').map(({ value }) => value)
  if (failed === -1) return stored.map(({ revision }) => revision !== undefined)
  const behind = stored.slice(failed).filter(({ revision }) => revision !== undefined)
  await Promise.allSettled(behind.map(({ token, before, revision = 0 }) => heads.restore(token, before, revision)))
  throw (answers[failed] as PromiseRejectedResult).reason
}

/** Whether the record says more than what is kept: the first outcome stays. */
function isNews({ record, before }: Told): boolean {
  if (before === undefined || before.purged === true) return true
  return before.status === 'started' && record.status !== 'started'
}

/** Whether an outcome is found by all that its start was found by. */
function isFoundAs(start: KeptHead, record: CommandRecord): boolean {
  return start.recordedAt === record.recordedAt && placeToken(start) === placeToken(record)
}

/** Parts of a list that can be under way at once: not too large, and no command twice in one. */
function* runsOf(records: readonly CommandRecord[]): Generator<readonly CommandRecord[]> {
  let run: CommandRecord[] = []
  let tokens = new Set<string>()
  let length = 0
  for (const record of records) {
    const token = commandToken(record)
    if (run.length === runRecordsMax || length > runLengthMax || tokens.has(token)) {
      yield run
      run = []
      tokens = new Set()
      length = 0
    }
    run.push(record)
    tokens.add(token)
    length += record.payload?.length ?? 0
  }
  if (run.length > 0) yield run
}
