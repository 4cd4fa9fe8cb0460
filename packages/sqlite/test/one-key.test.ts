// One idempotency key, a thousand requests, and a process that is killed when the first is stored and nobody has an answer yet.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import test from 'node:test'
import type { CommandRecord, OpenBackend } from '@gesta/core/ports'
import { runChild } from './children/run.ts'
import { newStore } from './commits.ts'
import { key } from './one-key-app.ts'

const times = 1000

async function run(path: string, ...args: readonly string[]) {
  await using child = runChild('pay.ts', path, ...args)
  const ended = once(child.process, 'exit')
  const answers = await Array.fromAsync(child.lines)
  const [code, signal] = (await ended) as [number | null, string | null]
  return { answers, code, signal }
}
async function recordsOf({ commandLog }: OpenBackend): Promise<readonly CommandRecord[]> {
  return (await commandLog.list({ order: 'oldest' }, { limit: 10_000 })).items
}

test('1,000 dispatches with one idempotency key across a SIGKILL between commit and answer: one commit with effects, all answers equal, a record of each', async () => {
  await using store = await newStore()
  const killed = await run(store.path, 'first', String(times), 'committed')
  assert.deepEqual(killed, { answers: [], code: null, signal: 'SIGKILL' })
  let first: CommandRecord | undefined
  {
    await using backend = await store.open()
    const records = await recordsOf(backend)
    first = records[0]
    assert.deepEqual(
      records.map(({ status, idempotencyKey, events }) => [status, idempotencyKey, events.length]),
      [['accepted', key, 1]],
    )
  }

  const { answers, code } = await run(store.path, 'second', String(times))
  assert.equal(code, 0)
  assert.equal(answers.length, times)
  assert.equal(new Set(answers).size, 1)
  const answer = JSON.parse(answers[0] ?? '') as { readonly commandId: string; readonly result: unknown }
  assert.deepEqual([answer.commandId, answer.result], [first?.commandId, { balance: 100 }])

  await using backend = await store.open()
  assert.equal(await backend.events.total(), 1)
  const [decided, ...repeated] = await recordsOf(backend)
  assert.deepEqual(decided, first)
  assert.equal(repeated.length, times)
  assert.ok(repeated.every((record) => record.status === 'duplicate' && record.duplicateOf === first?.commandId))
  assert.deepEqual(
    new Set(repeated.map(({ commandId }) => commandId)),
    new Set(Array.from({ length: times }, (_, at) => `second-${at}`)),
  )
})
