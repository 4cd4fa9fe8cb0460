import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { forkLog } from '@gesta/core'
import { sqlite } from '../src/index.ts'
import { runChild } from './children/run.ts'
import { lettersIn, lettersUpTo, mailApp, numbers, place, shopApp } from './mail-app.ts'
import { newFolder, runtime } from './place.ts'

const orders = 40

async function sell(path: string, from: number, to: number): Promise<void> {
  await using shop = await shopApp.start({ store: sqlite(path) })
  for (let number = from; number <= to; number++) await shop.dispatch(place({ number }))
}
async function lettersOf(path: string): Promise<readonly string[]> {
  await using backend = await sqlite(path).open(runtime)
  return lettersIn(await backend.events.readAll({ after: 0, limit: 10_000 }))
}

test('a durable subscriber resumes behind its last event after a restart', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'shop.db')
  const all = numbers()
  for (const [from, to] of [
    [1, 10],
    [11, 20],
  ] as const) {
    await sell(path, from, to)
    await using app = await mailApp(all.ran).start({ store: sqlite(path) })
    await all.upTo(to)
    assert.equal(app.subscribers()[0]?.state, 'live')
  }
  assert.deepEqual(
    all.seen,
    Array.from({ length: 20 }, (_, at) => at + 1),
  )
  assert.deepEqual(await lettersOf(path), lettersUpTo(20))
})

test('one that begins at the end of an empty log sees what comes while it is not there', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'shop.db')
  const all = numbers()
  const start = () => mailApp(all.ran, { from: 'end' }).start({ store: sqlite(path) })
  const first = await start()
  while (first.subscribers()[0]?.state !== 'live') await new Promise(setImmediate)
  await first[Symbol.asyncDispose]()
  await sell(path, 1, 3)
  await using _again = await start()
  await all.upTo(3)
  assert.deepEqual(all.seen, [1, 2, 3])
})

test('one whose process is killed again and again sees every event, first in order, and what it sends is there once', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'shop.db')
  await sell(path, 1, orders)
  const all = numbers()
  for (const lines of [1, 3, 8]) {
    await using child = runChild('mail.ts', path)
    let seen = 0
    for await (const line of child.lines) {
      all.ran(Number(line))
      seen += 1
      if (seen === lines) child.process.kill('SIGKILL')
    }
  }
  {
    await using _last = await mailApp(all.ran).start({ store: sqlite(path) })
    await all.upTo(orders)
  }
  assert.deepEqual(
    [...new Set(all.seen)],
    Array.from({ length: orders }, (_, at) => at + 1),
  )
  assert.deepEqual(await lettersOf(path), lettersUpTo(orders))
})

test('one whose log was forked is diverged', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'shop.db')
  const all = numbers()
  await sell(path, 1, 1)
  {
    await using _app = await mailApp(all.ran).start({ store: sqlite(path) })
    await all.upTo(1)
  }
  await forkLog(sqlite(path))
  await using app = await mailApp(all.ran).start({ store: sqlite(path) })
  while (app.subscribers()[0]?.state !== 'diverged') await new Promise(setImmediate)
  assert.deepEqual(all.seen, [1])
})
