import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { forkLog } from '@gesta/core'
import { sqlite } from '../src/index.ts'
import { runChild } from './children/run.ts'
import { lettersIn, lettersUpTo, mailApp, numbers, place, shopApp } from './mail-app.ts'
import type { Step } from './mail-app.ts'
import { oneTo } from './commits.ts'
import { newFolder, runtime } from './place.ts'

async function sell(path: string, from: number, to: number): Promise<void> {
  await using shop = await shopApp.start({ store: sqlite(path) })
  await shop.dispatch(place({ from, to }))
}
/** So long that no process loses it while it lives, however slow the machine is. */
const leaseMs = 60_000

async function lettersOf(path: string): Promise<readonly string[]> {
  await using backend = await sqlite(path).open(runtime)
  return lettersIn(await backend.events.readAll({ after: 0, limit: 10_000 }))
}

test('a durable subscriber resumes behind its last event after a restart', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'shop.db')
  const all = numbers()
  for (const [from, to] of [
    [1, 5],
    [6, 10],
  ] as const) {
    await sell(path, from, to)
    await using app = await mailApp(all.ran, { leaseMs }).start({ store: sqlite(path) })
    await all.done(to)
    assert.equal(app.subscribers()[0]?.state, 'live')
  }
  assert.deepEqual(all.seen, oneTo(10))
  assert.deepEqual(await lettersOf(path), lettersUpTo(10))
})

test('one that begins at the end of an empty log sees what comes while it is not there', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'shop.db')
  const all = numbers()
  const start = () => mailApp(all.ran, { leaseMs, from: 'end' }).start({ store: sqlite(path) })
  const first = await start()
  while (first.subscribers()[0]?.state !== 'live') await new Promise(setImmediate)
  await first[Symbol.asyncDispose]()
  await sell(path, 1, 3)
  await using _again = await start()
  await all.done(3)
  assert.deepEqual(all.seen, [1, 2, 3])
})

test('one whose process is killed again and again sees every event, first in order, and what it sends is there once', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'shop.db')
  await sell(path, 1, 12)
  const all = numbers()
  for (const [step, nth] of [
    ['begun', 1],
    ['between', 1],
    ['done', 2],
    ['between', 3],
  ] as const) {
    await using child = runChild('mail.ts', path, step, `${nth}`)
    for await (const line of child.lines) {
      const [number, reached] = line.split(' ')
      all.ran(Number(number), reached as Step)
    }
  }
  {
    await using _last = await mailApp(all.ran).start({ store: sqlite(path) })
    await all.done(12)
  }
  assert.deepEqual([...new Set(all.seen)], oneTo(12))
  assert.ok(all.seen.length > 12, 'what was killed in the middle was run again')
  assert.deepEqual(await lettersOf(path), lettersUpTo(12))
})

test('one whose log was forked is diverged', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'shop.db')
  const all = numbers()
  await sell(path, 1, 1)
  {
    await using _app = await mailApp(all.ran, { leaseMs }).start({ store: sqlite(path) })
    await all.done(1)
  }
  await forkLog(sqlite(path))
  await using app = await mailApp(all.ran, { leaseMs }).start({ store: sqlite(path) })
  while (app.subscribers()[0]?.state !== 'diverged') await new Promise(setImmediate)
  assert.deepEqual(all.seen, [1])
})
