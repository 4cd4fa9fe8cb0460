// The line to the server: what is lost is replaced, also when it is lost before anybody has asked to be told.
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import test from 'node:test'
import { connect } from '../src/driver.ts'
import type { Connection, Server } from '../src/driver.ts'
import { createLine } from '../src/line.ts'
import { databaseUrl, runtime, skip } from './place.ts'

test('a connection that is lost as soon as it is opened is replaced by the next one', { skip }, async () => {
  const server: Server = {
    url: await databaseUrl(),
    applicationName: 'gesta test',
    connectTimeoutMs: 10_000,
    answerTimeoutMs: 10_000,
  }
  let dialled = 0
  const dial = async (to: Server): Promise<Connection> => {
    const connection = await connect(to)
    dialled += 1
    if (dialled > 1) return connection
    connection.drop()
    while (!connection.isLost) await turn()
    return connection
  }
  const line = createLine(server, runtime.clock, dial)
  assert.ok((await line.connection()).isLost)
  const next = await line.connection()
  assert.deepEqual(await next.query('SELECT 1'), [[1]])
  assert.equal(await line.connection(), next)
  await line.close()
})
