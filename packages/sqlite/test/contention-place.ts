// A store's file as others see it while an app has it open: readers in other processes, and transactions in the way of the writer.
import { join } from 'node:path'
import type {
  ContentionPlace,
  HeldOrder,
  OpenTransaction,
  Part,
  PartReport,
} from '@gesta/core/conformance/event-store-contention'
import type { Commit } from '@gesta/core/ports'
import { openForReading, openForWriting } from '../src/database.ts'
import { sqlite } from '../src/index.ts'
import { firstLine, runChild } from './children/run.ts'
import { newFolder, runtime } from './place.ts'

const insertCommit = `INSERT INTO commits (commit_no, tenant, command_id, command_type, outcome, context, recorded_at, position, event_count)
  SELECT coalesce(max(commit_no), 0) + 1, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(position), 0) + 1 FROM events), 1 FROM commits`
const insertEvent = `INSERT INTO events (position, commit_no, idx, tenant, aggregate_type, aggregate_id, version, type, schema_version, data)
  SELECT position, commit_no, 0, tenant, ?, ?, 1, ?, ?, ? FROM commits ORDER BY commit_no DESC LIMIT 1`

export async function newContentionPlace(): Promise<ContentionPlace> {
  const folder = await newFolder()
  const path = join(folder.path, 'store.db')
  return {
    clock: runtime.clock,
    open: () => sqlite(path).open(runtime),
    remove: async () => folder[Symbol.asyncDispose](),
    play: (part) => follow(path, part),
    holdOrder: async (commit) => holdOrder(path, commit),
    begin: async (transaction) => begin(path, transaction),
  }
}

async function follow(path: string, part: Part): Promise<PartReport> {
  await using child = runChild('follow.ts', path, JSON.stringify(part))
  return JSON.parse(await firstLine(child)) as PartReport
}

function holdOrder(path: string, { tenant, commandId, context, recordedAt, header, streams }: Commit): HeldOrder {
  const db = openForWriting(path, { durability: 'normal' })
  db.exec('BEGIN IMMEDIATE')
  const { commandType, outcome } = header
  db.prepare(insertCommit).run(tenant, commandId, commandType, outcome, context, recordedAt)
  for (const { aggregateType, aggregateId, events } of streams)
    for (const { type, schemaVersion, data } of events)
      db.prepare(insertEvent).run(aggregateType, aggregateId, type, schemaVersion, data)
  return {
    release: async (end) => {
      db.exec(end === 'commit' ? 'COMMIT' : 'ROLLBACK')
      db.close()
    },
  }
}

function begin(path: string, transaction: OpenTransaction): AsyncDisposable {
  if (transaction !== 'old read') throw new Error(`This place has no transaction "${transaction}".`)
  const db = openForReading(path)
  db.exec('BEGIN; SELECT count(*) FROM events')
  return {
    [Symbol.asyncDispose]: async () => {
      db.exec('COMMIT')
      db.close()
    },
  }
}
