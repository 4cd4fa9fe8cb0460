import assert from 'node:assert/strict'
import { appendFile, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import { openFileOutbox } from '../src/index.ts'
import { runChild, runLimited } from './children/run.ts'
import { plan, planAttemptsMax } from './outbox-plan.ts'
import { emptyState, openAt, placed, stateAfter, stateOf, takeStep } from './outbox-states.ts'
import type { OutboxState } from './outbox-states.ts'
import { newFolder } from './place.ts'

const { signal } = new AbortController()
const run = { context: {}, signal }
/** More than the steps that the plan has. */
const stepsMax = 100
/** Processes at a time. */
const atOnce = 3

/** The states before anything of the plan was done, and after each thing. */
function plannedStates(): readonly OutboxState[] {
  const states = [emptyState]
  let next = 1
  for (const step of plan) {
    states.push(stateAfter(states.at(-1) ?? emptyState, step, next, planAttemptsMax))
    if (step.do === 'store') next += step.count
  }
  return states
}

describe('a process that is killed while it uses an outbox', () => {
  test('leaves the state before what it did or after, at every step: nothing is lost, nothing is there twice', async () => {
    const states = plannedStates()
    const seen = new Set<string>()
    /** Whether the process came to the step. */
    const endAt = async (step: number): Promise<boolean> => {
      await using folder = await newFolder()
      const ended = await runChild('outbox-steps.ts', folder.path, String(step), String(planAttemptsMax)).ended
      const diary = await readFile(join(folder.path, 'diary'), 'utf8').catch(() => '')
      const done = diary.split('done').length - 1
      // Whoever opens it next puts in order what was left, and is not kept out by the lock.
      await (await openAt(folder.path, planAttemptsMax))[Symbol.asyncDispose]()
      const found = await stateOf(folder.path)
      const isAfter = JSON.stringify(found) === JSON.stringify(states[done + 1])
      assert.deepEqual(found, states[isAfter ? done + 1 : done], `step ${step}`)
      seen.add(`${done} ${isAfter}`)
      await assert.rejects(stat(join(folder.path, 'outbox.jsonl.new')), /ENOENT/)
      return ended !== null
    }
    for (let step = 0, goesOn = true; goesOn; step += atOnce) {
      assert.ok(step < stepsMax)
      const ended = await Promise.all(Array.from({ length: atOnce }, (_, index) => endAt(step + index)))
      goesOn = ended.every((cameToIt) => cameToIt)
    }
    // Each thing was seen undone and done.
    for (let at = 0; at < plan.length; at += 1) assert.ok(seen.has(`${at} false`) || seen.has(`${at - 1} true`))
    assert.ok(seen.size > plan.length)
  })

  test('leaves its lock to the next one; while it runs, others are told who it is', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'outbox.jsonl')
    await using child = runChild('outbox-owner.ts', path)
    await child.firstLine
    await assert.rejects(
      openFileOutbox(path),
      (error) =>
        isGestaError(error, 'store_locked') &&
        error.facts['pid'] === child.pid &&
        error.message.includes(`process ${child.pid} on `),
    )
    await child[Symbol.asyncDispose]()
    await using outbox = await openFileOutbox(path)
    assert.deepEqual((await outbox.info()).items, 1)
  })
})

describe('a write that was cut off', () => {
  test('at any byte leaves the batch whole or nothing of it', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'outbox.jsonl')
    await writeFile(path, '')
    const sizes: number[] = []
    for (const step of [
      { do: 'store', count: 1, bytes: 0 },
      { do: 'store', count: 3, bytes: 10 },
      { do: 'store', count: 1, bytes: 0 },
    ] as const) {
      sizes.push((await stat(path)).size)
      await using outbox = await openAt(folder.path, 2)
      await takeStep(outbox, step, [1, 2, 5][sizes.length - 1] ?? 0)
    }
    const bytes = await readFile(path)
    const [, second = 0, third = 0] = sizes
    // Every byte near the borders of lines, some in between.
    const isBorder = (size: number): boolean => [0, 1, 2].some((far) => bytes[size - far] === 0x0a)
    for (let size = 0; size <= bytes.byteLength; size += 1) {
      if (!isBorder(size) && size % 7 !== 0) continue
      await writeFile(path, bytes.subarray(0, size))
      const { waiting } = await stateOf(folder.path)
      // A record without its line feed is whole.
      const numbers = size >= bytes.byteLength - 1 ? 5 : size >= third - 1 ? 4 : size >= second - 1 ? 1 : 0
      assert.deepEqual(
        waiting.map(([n]) => n),
        [1, 2, 3, 4, 5].slice(0, numbers),
        `${size} bytes`,
      )
      // And what is stored now is not glued to what was left.
      if (!isBorder(size)) continue
      {
        await using outbox = await openAt(folder.path, 2)
        await outbox.storeEvents([placed(9)], run)
      }
      const after = await stateOf(folder.path)
      assert.deepEqual(
        after.waiting.map(([n]) => n),
        [1, 2, 3, 4, 5].slice(0, numbers).concat(9),
      )
    }
  })

  test('is removed, however long it is', async () => {
    await using folder = await newFolder()
    await writeFile(join(folder.path, 'outbox.jsonl'), `{"id":"torn","eventId":"e","value":"${'x'.repeat(10_000)}`)
    for (const n of [1, 2]) {
      await using outbox = await openAt(folder.path, 2)
      await outbox.storeEvents([placed(n)], run)
      const { items, details } = await outbox.info()
      assert.deepEqual([items, details['unreadable']], [n, 0])
    }
    const { waiting } = await stateOf(folder.path)
    assert.deepEqual(
      waiting.map(([n]) => n),
      [1, 2],
    )
  })

  test('of dead letters leaves the record in the outbox, and it is given up once', async () => {
    await using folder = await newFolder()
    {
      await using outbox = await openAt(folder.path, 1)
      await outbox.storeEvents([placed(1)], run)
    }
    await writeFile(join(folder.path, 'outbox.dead.jsonl'), '{"id":"tor')
    {
      await using outbox = await openAt(folder.path, 1)
      assert.equal((await outbox.info()).details['deadLetters'], 0)
      await takeStep(outbox, { do: 'refuse' }, 0)
    }
    assert.deepEqual(await stateOf(folder.path), { waiting: [], dead: [1] })
  })

  test('between dead letters and outbox is finished by the next one: a record that is in both is a dead letter', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'outbox.jsonl')
    {
      await using outbox = await openAt(folder.path, 2)
      await outbox.storeEvents([placed(1), placed(2)], run)
    }
    const line = (await readFile(path, 'utf8')).split('\n').find((each) => each.includes('"n":1'))
    await appendFile(join(folder.path, 'outbox.dead.jsonl'), `${line}\n`)
    await (await openAt(folder.path, 2))[Symbol.asyncDispose]()
    assert.deepEqual(await stateOf(folder.path), { waiting: [[2, 0]], dead: [1] })
    // It does not come back when the dead letters were dealt with and removed.
    await rm(join(folder.path, 'outbox.dead.jsonl'))
    await (await openAt(folder.path, 2))[Symbol.asyncDispose]()
    assert.deepEqual(await stateOf(folder.path), { waiting: [[2, 0]], dead: [] })
  })
})

describe('an outbox that finds no room', () => {
  test('refuses a batch whole, keeps what it has, and goes on when there is room', async () => {
    await using folder = await newFolder()
    const child = runLimited('outbox-limited.ts', folder.path)
    const stored = JSON.parse(await child.firstLine) as number
    assert.equal(await child.ended, null)
    assert.ok(stored > 0)
    const { waiting, dead } = await stateOf(folder.path)
    // The child has acknowledged its first batch, and stored one event more.
    assert.deepEqual([waiting.map(([n]) => n), dead], [[1_000], []])
  })
})
