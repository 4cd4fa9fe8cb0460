// One idempotency key and a thousand requests, to two processes: one of them has effects, each has its answer and its record.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import test from 'node:test'
import type { PostgresOptions } from '../src/index.ts'
import { postgres } from '../src/index.ts'
import { newSchema, runtime, skip } from './place.ts'

interface Told {
  readonly answers: readonly string[]
  readonly ended: readonly unknown[]
}
/** Starts a process, which dispatches once it is told to. */
async function startRequests(options: PostgresOptions, count: number, step?: string): Promise<() => Promise<Told>> {
  const path = new URL('children/one-key.ts', import.meta.url).pathname
  const given = [JSON.stringify(options), String(count), ...(step === undefined ? [] : [step])]
  const child = spawn(process.execPath, ['--conditions=gesta-source', path, ...given], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  assert.equal((await lines.next()).value, 'ready')
  return async () => {
    child.stdin.end('go\n')
    const answers: string[] = []
    for await (const line of lines) answers.push(line)
    return { answers, ended: await ended }
  }
}

/** Insists that one command had effects, that all answers are its answer, and that all other requests left a record `duplicate`. */
async function checkOnce(options: PostgresOptions, answers: readonly string[], duplicates: number): Promise<void> {
  await using backend = await postgres(options).open(runtime)
  const { events, commandLog } = backend
  const log = await events.readAll({ after: 0 })
  assert.equal(log.length, 1)
  assert.equal(new Set(answers).size, 1)
  const { ok, commandId, result } = JSON.parse(answers[0] ?? '{}') as { [field: string]: unknown }
  assert.deepEqual([ok, commandId, result], [true, log[0]?.commandId, 1])
  assert.equal(await commandLog.total({ statuses: ['accepted'] }), 1)
  assert.equal(await commandLog.total({ statuses: ['duplicate'] }), duplicates)
  assert.equal(await commandLog.total(), duplicates + 1)
  const { items } = await commandLog.list({ statuses: ['duplicate'] }, { limit: 10_000 })
  for (const { duplicateOf, events: stored } of items) assert.deepEqual([duplicateOf, stored], [commandId, []])
}

test(
  'of a thousand requests with one key to two processes one has effects, and each has the answer and a record',
  { skip },
  async () => {
    const options = await newSchema()
    const both = [await startRequests(options, 500), await startRequests(options, 500)]
    const told = await Promise.all(both.map((go) => go()))
    for (const { answers, ended } of told) assert.deepEqual([answers.length, ended], [500, [0, null]])
    await checkOnce(
      options,
      told.flatMap(({ answers }) => answers),
      999,
    )
  },
)

test('and so it is when the process that committed is killed before it could answer', { skip }, async () => {
  const options = await newSchema()
  const killed = await startRequests(options, 500, 'answered')
  const both = [await startRequests(options, 500), await startRequests(options, 500)]
  assert.deepEqual(await killed(), { answers: [], ended: [null, 'SIGKILL'] })
  const told = await Promise.all(both.map((go) => go()))
  for (const { answers, ended } of told) assert.deepEqual([answers.length, ended], [500, [0, null]])
  await checkOnce(
    options,
    told.flatMap(({ answers }) => answers),
    1_000,
  )
})
