// The copy of an app's command log in another store: complete, in order, by one process, whatever goes away meanwhile.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { startCopy } from '../../src/command-log/copy.ts'
import type { Copy, CopySettings } from '../../src/command-log/copy.ts'
import { commit, stored } from '../../src/conformance/event-store/given.ts'
import { GestaError } from '../../src/errors/gesta-error.ts'
import type { OpenBackend } from '../../src/stores/backend.ts'
import type { CommandLogStore } from '../../src/stores/command-log/command-log-store.ts'
import { memoryCommandLog } from '../../src/stores/command-log/memory-command-log-store.ts'
import { memory } from '../../src/stores/memory-backend.ts'
import { createAlarms } from '../../src/time/alarms.ts'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'
import type { FakeClock } from '../fake-clock.ts'

const settings = { batchMax: 5, leaseMs: 1_000, pollMs: 500, gatherMs: 10 }

interface Opening {
  readonly unopened?: number
  /** Opens the target, in place of what opens it at once. */
  readonly open?: () => Promise<CommandLogStore>
}
interface Given {
  readonly clock: FakeClock
  readonly source: OpenBackend
  readonly target: CommandLogStore
  /** `unopened`: how often the target cannot be opened first. */
  copy(to?: CommandLogStore, more?: Partial<CopySettings> & Opening): Copy
}
async function given(): Promise<Given> {
  const clock = createFakeClock()
  const runtime = fakeRuntime(clock)
  const source = await memory().open(runtime)
  const target = await memoryCommandLog().open(runtime)
  const copy: Given['copy'] = (to = target, { unopened: first = 0, open, ...more } = {}) => {
    let unopened = first
    return startCopy({
      from: source.commandLog,
      open: async () => {
        if (open !== undefined) return open()
        if (unopened > 0) {
          unopened -= 1
          throw new GestaError('store_unavailable', 'Expected the log to answer.')
        }
        // The next copy of the test goes on with it.
        return { ...to, [Symbol.asyncDispose]: async () => undefined }
      },
      events: source.events,
      leases: source.leases,
      alarms: createAlarms(clock),
      ids: runtime.ids,
      settings: { ...settings, ...more },
    })
  }
  return { clock, source, target, copy }
}
async function storeCommands({ source }: Given, from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number += 1)
    await stored(source.events, commit({ commandId: `command-${number}`, tenant: number % 2 === 0 ? 'even' : '' }))
}
async function idsIn(log: CommandLogStore): Promise<readonly string[]> {
  const { items } = await log.list({ order: 'oldest' }, { limit: 10_000 })
  return items.map(({ commandId }) => commandId)
}
const numbered = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `command-${from + at}`)

describe('a copy of a command log', () => {
  test('holds what was recorded before it began and what comes while it runs, record by record, in commit order', async () => {
    const place = await given()
    await storeCommands(place, 1, 12)
    await using copy = place.copy()
    await place.clock.advance(1)
    assert.deepEqual(await idsIn(place.target), numbered(1, 12))
    await storeCommands(place, 13, 14)
    // Long before a look without news would have come.
    await place.clock.advance(settings.gatherMs + 1)
    assert.deepEqual(await idsIn(place.target), numbered(1, 14))
    const original = await place.source.commandLog.get('even', 'command-2')
    assert.deepEqual(await place.target.get('even', 'command-2'), { ...original, commitNo: undefined })
    assert.deepEqual(copy.status(), { active: true, commitNo: 14, lastError: undefined })
  })

  test('goes on after a restart from what it holds, one batch earlier', async () => {
    const place = await given()
    await storeCommands(place, 1, 20)
    await using first = place.copy()
    await place.clock.advance(1)
    await first[Symbol.asyncDispose]()
    await storeCommands(place, 21, 23)
    const told: string[] = []
    const watched = watching(place.target, async (records) => void told.push(...records.map((one) => one.commandId)))
    await using second = place.copy(watched)
    await place.clock.advance(1)
    assert.deepEqual(told, numbered(16, 23))
    assert.equal(second.status().commitNo, 23)
    assert.deepEqual(await idsIn(place.target), numbered(1, 23))
  })

  test('finds its place though the newest records of the copy are no longer in the log', async () => {
    const place = await given()
    await storeCommands(place, 1, 9)
    await using first = place.copy()
    await place.clock.advance(1)
    await first[Symbol.asyncDispose]()
    // As after a backup was restored: the copy has commands that the log has lost.
    const [lost] = (await place.target.list({})).items
    assert.ok(lost !== undefined)
    await place.target.record([{ ...lost, commandId: 'lost' }])
    await storeCommands(place, 10, 11)
    await using second = place.copy()
    await place.clock.advance(1)
    assert.deepEqual(await idsIn(place.target), [...numbered(1, 9), 'lost', ...numbered(10, 11)])
    assert.equal(second.status().active, true)
  })

  test('waits for a target that is away, says so, and loses nothing', async () => {
    const place = await given()
    let away = true
    const target = watching(place.target, async () => {
      if (away) throw new GestaError('store_unavailable', 'Expected the log to answer.')
    })
    await storeCommands(place, 1, 7)
    await using copy = place.copy(target)
    await place.clock.advance(3_000)
    assert.deepEqual(copy.status(), { active: false, commitNo: 0, lastError: 'store_unavailable' })
    away = false
    await storeCommands(place, 8, 9)
    await place.clock.advance(6_000)
    assert.deepEqual(await idsIn(place.target), numbered(1, 9))
    assert.deepEqual(copy.status(), { active: true, commitNo: 9, lastError: undefined })
  })

  test('begins when its target can be opened', async () => {
    const place = await given()
    await storeCommands(place, 1, 7)
    await using copy = place.copy(undefined, { unopened: 3 })
    await place.clock.advance(1)
    assert.deepEqual(copy.status(), { active: false, commitNo: 0, lastError: 'store_unavailable' })
    await place.clock.advance(3_000)
    assert.deepEqual(await idsIn(place.target), numbered(1, 7))
    assert.deepEqual(copy.status(), { active: true, commitNo: 7, lastError: undefined })
  })

  test('that is stopped while its target is silent writes nothing, and closes what is opened after all', async () => {
    const place = await given()
    await storeCommands(place, 1, 3)
    const { promise: opened, resolve: answer } = Promise.withResolvers<CommandLogStore>()
    const { promise: closed, resolve: close } = Promise.withResolvers<void>()
    const copy = place.copy(undefined, { open: () => opened })
    await place.clock.advance(1)
    const stopped = copy[Symbol.asyncDispose]()
    await place.clock.advance(60_000)
    await stopped
    answer({ ...place.target, [Symbol.asyncDispose]: async () => close() })
    await closed
    assert.deepEqual(await idsIn(place.target), [])
  })

  test('that is stopped while its target looks for its place writes nothing', async () => {
    const place = await given()
    await storeCommands(place, 1, 3)
    const { promise: found, resolve: answer } = Promise.withResolvers<void>()
    const { promise: closed, resolve: close } = Promise.withResolvers<void>()
    const slow: CommandLogStore = {
      ...place.target,
      list: async (filter, page) => {
        await found
        return place.target.list(filter, page)
      },
      [Symbol.asyncDispose]: async () => close(),
    }
    const copy = place.copy(undefined, { open: async () => slow })
    await place.clock.advance(1)
    const stopped = copy[Symbol.asyncDispose]()
    await place.clock.advance(60_000)
    await stopped
    answer()
    await closed
    assert.deepEqual(await idsIn(place.target), [])
  })

  test('leaves out a record that the target refuses, keeps its neighbours, and says so', async () => {
    const place = await given()
    const target = watching(place.target, async (records) => {
      if (records.some(({ commandId }) => commandId === 'command-3')) throw new RangeError('too long')
    })
    await storeCommands(place, 1, 12)
    await using copy = place.copy(target)
    await place.clock.advance(1)
    assert.deepEqual(await idsIn(place.target), [...numbered(1, 2), ...numbered(4, 12)])
    assert.deepEqual(copy.status(), { active: true, commitNo: 12, lastError: 'RangeError' })
  })

  test('is written by one process at a time, and by another when the first one ends', async () => {
    const place = await given()
    await using first = place.copy()
    await place.clock.advance(1)
    await using second = place.copy()
    await storeCommands(place, 1, 3)
    await place.clock.advance(1_000)
    assert.deepEqual([first.status().active, second.status().active], [true, false])
    await first[Symbol.asyncDispose]()
    await storeCommands(place, 4, 5)
    await place.clock.advance(1_000)
    assert.equal(second.status().active, true)
    assert.deepEqual(await idsIn(place.target), numbered(1, 5))
  })

  test('does not follow redactions and purges: what it has, it keeps', async () => {
    const place = await given()
    await storeCommands(place, 1, 3)
    await using _copy = place.copy()
    await place.clock.advance(1)
    await place.source.commandLog.redact('', 'command-1')
    await place.source.commandLog.purge({ before: Number.MAX_SAFE_INTEGER })
    await place.clock.advance(1_000)
    assert.equal(await place.source.commandLog.total(), 0)
    assert.deepEqual(await idsIn(place.target), numbered(1, 3))
  })

  test('a stop waits for a target that does not answer no longer than it may', async () => {
    const place = await given()
    await storeCommands(place, 1, 1)
    const copy = place.copy(
      watching(place.target, () => new Promise(() => undefined)),
      { drainMs: 50 },
    )
    await place.clock.advance(1)
    await place.clock.finish(Promise.resolve(copy[Symbol.asyncDispose]()))
    assert.equal(copy.status().active, false)
  })

  test('is complete and in order, however often it is stopped and however much of a batch arrives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ commands: fc.nat({ max: 12 }), arriving: fc.nat({ max: 6 }) }), {
          minLength: 1,
          maxLength: 6,
        }),
        async (rounds) => {
          const place = await given()
          let last = 0
          for (const { commands, arriving } of rounds) {
            await storeCommands(place, last + 1, (last += commands))
            // The target takes a first part of a batch, and is away then.
            const target = watching(place.target, async (records) => {
              await place.target.record(records.slice(0, arriving))
              if (arriving < records.length) throw new GestaError('store_unavailable', 'Expected the log to answer.')
            })
            const copy = place.copy(target)
            await place.clock.advance(200)
            await place.clock.finish(Promise.resolve(copy[Symbol.asyncDispose]()))
          }
          await using _copy = place.copy()
          await place.clock.advance(200)
          assert.deepEqual(await idsIn(place.target), numbered(1, last))
        },
      ),
      { numRuns: 40 },
    )
  })
})

/** A log that is asked before it is told. */
function watching(log: CommandLogStore, before: CommandLogStore['record']): CommandLogStore {
  return {
    ...log,
    record: async (records) => {
      await before(records)
      await log.record(records)
    },
  }
}
