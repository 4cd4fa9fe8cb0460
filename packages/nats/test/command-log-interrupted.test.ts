// Writers that die between any two of their writes: what others see then, and that saying it again makes it whole.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { natsForTests } from '@gesta/services'
import type { CommandLogStore } from '@gesta/core/ports'
import type { LogStreams } from '../src/command-log-streams.ts'
import { command, commandsFrom, everyRecord, openLog, rawMessages } from './command-log-given.ts'

const nats = await natsForTests()
const died = new Error('The writer is dead.')

/** Of all that changes something, `left` calls reach the server; whoever makes the next one is dead from then on. */
function dying(left: number): (streams: LogStreams) => LogStreams {
  let lives = left
  const underWay: Promise<unknown>[] = []
  const change = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    if ((lives -= 1) >= 0) {
      const calling = call()
      underWay.push(calling)
      return calling
    }
    // What it has sent before arrives.
    await Promise.allSettled(underWay)
    throw died
  }
  return (streams) => ({
    ...streams,
    // Opening the log is not what is tried here.
    publish: (...message) =>
      message[0].endsWith('.identity') ? streams.publish(...message) : change(() => streams.publish(...message)),
    ask: (question) =>
      streams.ask((manager) => {
        const { streams: asked } = manager
        const watched = Object.assign(Object.create(asked) as typeof asked, {
          purge: (...of: Parameters<typeof asked.purge>) => change(() => asked.purge(...of)),
          deleteMessage: (...of: Parameters<typeof asked.deleteMessage>) => change(() => asked.deleteMessage(...of)),
        })
        return question(Object.create(manager, { streams: { value: watched } }) as typeof manager)
      }),
  })
}

/** Has it done by writers that die later and later, until one lives; how many died. */
async function untilOneLives(
  open: (between: (streams: LogStreams) => LogStreams) => Promise<CommandLogStore>,
  work: (log: CommandLogStore, writes: number) => Promise<void>,
): Promise<number> {
  for (let writes = 0; ; writes += 1) {
    await using log = await open(dying(writes))
    try {
      await work(log, writes)
      return writes
    } catch (error) {
      if (!(error instanceof Error) || (error !== died && error.cause !== died)) throw error
    }
  }
}

describe('a writer of the command log that dies', { skip: nats.skip }, () => {
  const place = () => {
    const streams = nats.newStreams()
    const options = { servers: streams.url, prefix: streams.prefix }
    return {
      options,
      open: (between?: (given: LogStreams) => LogStreams) => openLog(options, { between }),
      [Symbol.asyncDispose]: async () => streams[Symbol.asyncDispose](),
    }
  }

  test('while it records leaves a first part, each command whole; and who tells it again completes it in order', async () => {
    await using there = place()
    await using reader = await there.open()
    let expected: readonly ReturnType<typeof command>[] = []
    const deaths = await untilOneLives(there.open, async (log, writes) => {
      // Others of each round, so that every round begins with nothing of its batch.
      const batch = commandsFrom(writes * 10 + 1, writes * 10 + 4)
      try {
        await log.record(batch)
      } finally {
        const seen = (await everyRecord(reader)).slice(expected.length)
        assert.deepEqual(seen, batch.slice(0, seen.length))
        for (const { tenant, commandId } of batch.slice(seen.length))
          assert.equal(await reader.get(tenant, commandId), undefined)
        await reader.record(batch)
        expected = [...expected, ...batch]
        assert.deepEqual(await everyRecord(reader), expected)
        assert.equal(await reader.total(), expected.length)
      }
    })
    assert.ok(deaths >= 12, `Expected a place, a body and a head of each of 4 records, received ${deaths} writes.`)
    assert.deepEqual(await everyRecord(reader, {}), expected.toReversed())
  })

  test('while it tells how a command ended leaves the start or the outcome, in its place', async () => {
    await using there = place()
    await using reader = await there.open()
    const started = command(1, { status: 'started', durationUs: undefined, payload: '"of the start"' })
    const ended = command(1, { context: '{"correlationId":"told-late"}', payload: '"of the end"' })
    await untilOneLives(there.open, async (log) => {
      await reader.purge({ before: Number.MAX_SAFE_INTEGER, statuses: ['started', 'accepted'] })
      await reader.record([started, command(2)])
      try {
        await log.record([ended])
      } finally {
        const [first, second] = await everyRecord(reader)
        assert.deepEqual(first, first?.status === 'started' ? started : ended)
        assert.deepEqual(second, command(2))
        await reader.record([ended])
        assert.deepEqual(await everyRecord(reader), [ended, command(2)])
        assert.deepEqual((await reader.list({ correlationId: 'told-late' })).items, [ended])
      }
    })
    await reader.redact('shop', 'command-1')
    assert.doesNotMatch((await rawMessages(there.options)).bodies.join('\n'), /of the (?:start|end)/)
  })

  test('while it redacts leaves the record as it was or without; who redacts again leaves no byte', async () => {
    await using there = place()
    await using reader = await there.open()
    const secret = command(1, { payload: '"the-secret"', metadata: { note: 'the-secret' } })
    await reader.record([secret])
    await untilOneLives(there.open, async (log) => {
      try {
        await log.redact('shop', 'command-1')
      } finally {
        const found = await reader.get('shop', 'command-1')
        assert.ok(found !== undefined && (found.payload === secret.payload || found.redacted[0] === '*'))
      }
    })
    const raw = await rawMessages(there.options)
    assert.doesNotMatch(Object.values(raw).flat().join('\n'), /the-secret/)
    assert.equal(raw.bodies.length, 1)
  })

  test('while it purges leaves records whole or gone; the next purge leaves nothing', async () => {
    await using there = place()
    await using reader = await there.open()
    const given = commandsFrom(1, 3)
    await reader.record(given)
    await untilOneLives(there.open, async (log) => {
      try {
        await log.purge({ before: Number.MAX_SAFE_INTEGER })
      } finally {
        for (const found of await everyRecord(reader))
          assert.deepEqual(
            found,
            given.find(({ commandId }) => commandId === found.commandId),
          )
      }
    })
    assert.deepEqual(await everyRecord(reader), [])
    const raw = await rawMessages(there.options)
    assert.deepEqual([raw.heads.length, raw.bodies.length], [1, 0])
    await reader.record(given)
    assert.deepEqual(await everyRecord(reader), given)
  })

  test('and whose records nobody tells again leaves things that a purge takes away, once no living writer can have made them', async () => {
    await using there = place()
    await untilOneLives(there.open, (log, writes) => log.record([command(writes, { payload: '"the-secret"' })]))
    const purge = { before: Number.MAX_SAFE_INTEGER }
    await using now = await there.open()
    assert.equal(await now.purge(purge), 1)
    assert.notEqual((await rawMessages(there.options)).places.length, 0)
    await using later = await openLog(there.options, { aheadUs: 2 * 3_600_000_000 })
    assert.equal(await later.purge(purge), 0)
    const raw = await rawMessages(there.options)
    assert.deepEqual([raw.heads.length, raw.bodies, raw.places], [1, [], []])
  })
})
