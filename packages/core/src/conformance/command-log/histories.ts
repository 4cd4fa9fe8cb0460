// Histories: long sequences of all that can happen to a log of its own, held against a plain list.
import assert from 'node:assert/strict'
import type { CommandRecord, CommandStatus } from '../../stores/command-log/command-record.ts'
import { numbersOf } from '../random-numbers.ts'
import { checkLists, command, oneTo, redacted, startUs } from './given.ts'
import type { CommandLogStoreCase, GivenCommandLogStore } from './given.ts'

const group = 'histories'
const statuses: readonly CommandStatus[] = ['started', 'started', 'accepted', 'rejected', 'timed_out']
const tenants = ['left', 'right']

/** What a log should hold, and the ids that were purged: none of these comes again. */
interface Plain {
  records: readonly CommandRecord[]
  readonly gone: Set<string>
}
const nameOf = ({ tenant, commandId }: CommandRecord): string => `${tenant} ${commandId}`

/** A record of one of 48 commands. */
function drawn(number: number): CommandRecord {
  const status = statuses[number % statuses.length] as CommandStatus
  return command({
    tenant: tenants[(number >>> 8) % tenants.length] as string,
    commandId: `command-${(number >>> 10) % 24}`,
    status,
    durationUs: status === 'started' ? undefined : number % 1_000,
    recordedAt: startUs + (number % 50),
    context: number % 3 === 0 ? '{}' : `{"correlationId":"chain-${number % 3}","identity":"user-${number % 2}"}`,
    payload: `{"number":${number}}`,
  })
}

function told(plain: Plain, record: CommandRecord): void {
  const at = plain.records.findIndex((each) => nameOf(each) === nameOf(record))
  if (at < 0) plain.records = [...plain.records, record]
  else if (plain.records[at]?.status === 'started' && record.status !== 'started')
    plain.records = plain.records.with(at, record)
}

/** One step of a history, chosen by a number. */
async function play({ log }: GivenCommandLogStore, plain: Plain, number: number): Promise<void> {
  const choice = number % 16
  if (choice < 10) {
    const batch = numbersOf(number, 1 + (choice % 4)).map(drawn)
    const fresh = batch.filter((record) => !plain.gone.has(nameOf(record)))
    await log.record(fresh)
    for (const record of fresh) told(plain, record)
  } else if (choice < 14) {
    const ended = plain.records.filter(({ status }) => status !== 'started')
    const record = ended[(number >>> 4) % Math.max(1, ended.length)]
    if (record === undefined) return
    assert.equal(await log.redact(record.tenant, record.commandId), true)
    plain.records = plain.records.map((each) => (each === record ? redacted(record) : each))
  } else {
    const before = startUs + ((number >>> 4) % 30)
    const tenant = tenants[(number >>> 12) % 3]
    const old = plain.records.filter(
      (each) => each.status !== 'started' && each.recordedAt < before && (tenant ?? each.tenant) === each.tenant,
    )
    assert.equal(await log.purge({ before, tenant }), old.length)
    for (const each of old) plain.gone.add(nameOf(each))
    plain.records = plain.records.filter((each) => !old.includes(each))
  }
}

export const historyCases: readonly CommandLogStoreCase[] = oneTo(4).map((seed) => ({
  group,
  name: `whatever is recorded, redacted and purged, the log holds what a plain list would (${seed})`,
  run: async (given) => {
    const { log } = given
    const plain: Plain = { records: [], gone: new Set() }
    for (const [step, number] of numbersOf(seed, 60).entries()) {
      await play(given, plain, number)
      if (step % 20 === 19) await checkLists(log, plain.records, {}, 7)
    }
    for (const filter of [{ tenant: 'left' }, { correlationId: 'chain-1' }, { statuses: ['started'] }] as const)
      await checkLists(log, plain.records, filter, 7)
    for (const record of plain.records) assert.deepEqual(await log.get(record.tenant, record.commandId), record)
  },
}))
