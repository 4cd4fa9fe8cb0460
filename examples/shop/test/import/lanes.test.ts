// Tasks side by side, those of a lane in order, never more than allowed.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createLanes } from '../../src/import/lanes.ts'

/** A task that a test ends when it likes. */
function task(log: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const run = (): Promise<void> => {
    log.push(name)
    return promise
  }
  return { run, end: resolve, fail: reject }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('lanes', () => {
  it('run a lane’s tasks one after the other, and lanes side by side', async () => {
    const log: string[] = []
    const [first, second, other] = [task(log, 'a1'), task(log, 'a2'), task(log, 'b1')]
    const lanes = createLanes(8)
    await lanes.add('a', first.run)
    await lanes.add('a', second.run)
    await lanes.add('b', other.run)
    await turn()
    assert.deepEqual(log, ['a1', 'b1'])
    first.end()
    await turn()
    assert.deepEqual(log, ['a1', 'b1', 'a2'])
    second.end()
    other.end()
    await lanes.idle()
  })
  it('let in no more than allowed', async () => {
    const log: string[] = []
    const tasks = [task(log, '1'), task(log, '2'), task(log, '3')] as const
    const lanes = createLanes(2)
    await lanes.add('1', tasks[0].run)
    await lanes.add('2', tasks[1].run)
    const third = lanes.add('3', tasks[2].run)
    await turn()
    assert.deepEqual(log, ['1', '2'])
    tasks[1].end()
    await third
    await turn()
    assert.deepEqual(log, ['1', '2', '3'])
    for (const { end } of tasks) end()
    await lanes.idle()
  })
  it('begin nothing new after a failure, and tell it', async () => {
    const log: string[] = []
    const [first, second] = [task(log, 'a1'), task(log, 'a2')]
    const lanes = createLanes(8)
    await lanes.add('a', first.run)
    await lanes.add('a', second.run)
    first.fail(new Error('lost'))
    await assert.rejects(lanes.idle(), /lost/)
    await assert.rejects(lanes.add('b', second.run), /lost/)
    assert.deepEqual(log, ['a1'])
  })
})
