// A server that stays away: what is given meanwhile is refused soon, and does not pile up behind what waits. Time is the test's own.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import type { Clock } from '@gesta/core/ports'
import { createAppender } from '../src/append.ts'
import { connect } from '../src/driver.ts'
import type { Connection, Server } from '../src/driver.ts'
import { createLine } from '../src/line.ts'
import { logSql } from '../src/log-rows.ts'
import { commitOf, oneTo } from './commits.ts'
import { runtime } from './runtime.ts'

/** Waiting takes no time, and the clock shows that it did. */
function createLeapingClock(): Clock {
  let nowUs = 0
  return {
    nowUs: () => nowUs,
    monotonicUs: () => nowUs,
    after: (delayMs, run) => {
      const timer = setImmediate(() => {
        nowUs += delayMs * 1000
        run()
      })
      return { cancel: () => clearImmediate(timer) }
    },
  }
}

/** A server whose port nobody listens on, and how often it was tried. */
async function absentServer() {
  const listening = createServer().listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  listening.close()
  await once(listening, 'close')
  const server: Server = {
    url: `postgres://nobody@127.0.0.1:${port}/nothing`,
    applicationName: 'gesta test',
    connectTimeoutMs: 5_000,
    answerTimeoutMs: 5_000,
  }
  const tried = { times: 0 }
  const dial = (to: Server): Promise<Connection> => {
    tried.times += 1
    return connect(to)
  }
  return { server, dial, tried }
}

test('the first commits wait for a server that is away, and later ones are refused with one look', async () => {
  const { server, dial, tried } = await absentServer()
  const clock = createLeapingClock()
  const line = createLine(server, clock, dial)
  const { append } = createAppender({
    line,
    schema: '"gesta"',
    sql: logSql('"gesta"'),
    place: 'nowhere',
    clock,
    ids: runtime.ids,
    waitsForDisk: true,
    lockTimeoutMs: 1_000,
    retryForMs: 5_000,
  })
  const triesOf = async (commandId: string): Promise<number> => {
    const before = tried.times
    await assert.rejects(append([commitOf(commandId, 'a')]), (error) => isGestaError(error, 'store_unavailable'))
    return tried.times - before
  }
  const first = await triesOf('first')
  assert.ok(first > 5, `The first one tried ${first} times.`)
  assert.ok(clock.monotonicUs() >= 5_000_000)
  for (const i of oneTo(5)) assert.equal(await triesOf(`later-${i}`), 1)
  await line.close()
})

test('a crowd makes one attempt together, and none in the 100 ms after it failed', async () => {
  const { server, dial, tried } = await absentServer()
  const clock = createLeapingClock()
  const line = createLine(server, clock, dial)
  for (const attempt of oneTo(3)) {
    const beforeUs = clock.monotonicUs()
    const asked = oneTo(50).map(() => line.connection().then(() => 'none', String))
    assert.match([...new Set(await Promise.all(asked))].join(), /^Error: connect ECONNREFUSED [^,]*$/)
    assert.equal(tried.times, attempt)
    assert.equal(clock.monotonicUs() - beforeUs, attempt === 1 ? 0 : 100_000)
  }
  await line.close()
})
