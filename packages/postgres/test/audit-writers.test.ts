// Processes that add entries to the chain of one tenant at once, also through a pooler.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import test, { after } from 'node:test'
import { postgres } from '../src/index.ts'
import type { PostgresOptions } from '../src/index.ts'
import { soundChain } from './chains.ts'
import { databaseUrl, newSchema, runtime, skip } from './place.ts'
import { noPooler, startPooler } from './pooler.ts'
import type { Pooler } from './pooler.ts'

let started: Promise<Pooler> | undefined
after(async () => (await started)?.[Symbol.asyncDispose]())

/** Starts a process, which commits once it is told to. */
async function startWriter(options: PostgresOptions, name: string): Promise<() => Promise<void>> {
  const path = new URL('children/audit-writer.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=gesta-source', path, JSON.stringify(options), name], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  assert.equal((await lines.next()).value, 'ready')
  return async () => {
    child.stdin.end('go\n')
    assert.deepEqual(await ended, [0, null])
  }
}

async function checkTwoWriters(options: PostgresOptions): Promise<void> {
  await using backend = await postgres(options).open(runtime)
  const both = [await startWriter(options, 'one'), await startWriter(options, 'other')]
  await Promise.all(both.map((go) => go()))
  const chain = await soundChain(backend.audit, 't')
  assert.equal(chain.length, 600)
  assert.equal(new Set(chain.map(({ commandId, index }) => `${commandId} ${index}`)).size, 600)
  // In commit order, and within a commit in its order.
  const log = await backend.events.readAll({ after: 0, limit: 1_000 })
  assert.deepEqual(
    chain.map(({ commandId, index }) => [commandId, index]),
    log.filter(({ tenant }) => tenant === 't').flatMap(({ commandId }) => [0, 1, 2].map((index) => [commandId, index])),
  )
  assert.equal((await soundChain(backend.audit, 'u')).length, 200)
}

test('entries of two processes at once make one chain without gaps, in commit order', { skip }, async () => {
  await checkTwoWriters(await newSchema())
})

test('also through a pooler', { skip: skip === false ? noPooler : skip }, async () => {
  const { url, schema } = await newSchema()
  const { through } = await (started ??= startPooler(await databaseUrl()))
  await checkTwoWriters({ url: through(url), directUrl: url, schema, connectionsMax: 2 })
})
