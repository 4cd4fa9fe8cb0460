// Conditions on streams of other tenants than the commit's: what permissions stand on.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { Commit, ReadCondition } from '@gesta/core/ports'
import { postgres } from '../src/index.ts'
import { commitOf, isStored, oneTo } from './commits.ts'
import { newSchema, runtime, skip } from './place.ts'

const named = (aggregateId: string): { readonly aggregateType: string; readonly aggregateId: string } => ({
  aggregateType: 'Order',
  aggregateId,
})
const inTenant = (tenant: string, aggregateId: string, version: number): ReadCondition => ({
  ...named(aggregateId),
  tenant,
  version,
})
const reading = (commandId: string, reads: readonly ReadCondition[], tenant = 't'): Commit =>
  commitOf(commandId, commandId, { tenant, reads })

test(
  'a condition holds for the stream of its tenant, and not for one of the same name elsewhere',
  { skip },
  async () => {
    await using backend = await postgres(await newSchema()).open(runtime)
    const { events } = backend
    const long = '\u4e00'.repeat(512)
    for (const [at, tenant] of ['SYSTEM', '', long].entries())
      for (const i of oneTo(at + 1)) await events.commit(commitOf(`${at}-${i}`, 'epoch', { tenant }))
    const all = [inTenant('SYSTEM', 'epoch', 1), inTenant('', 'epoch', 2), inTenant(long, 'epoch', 3)]
    assert.ok(isStored(await events.commit(reading('all', [...all, { ...named('epoch'), version: 0 }]))))
    assert.ok(isStored(await events.commit(reading('own', [inTenant('t', 'epoch', 0), inTenant('t', 'all', 1)]))))
    for (const [at, { tenant = '', version }] of all.entries()) {
      const wrong = all.map((read) => (read.tenant === tenant ? { ...read, version: 7 } : read))
      assert.deepEqual(await events.commit(reading(`wrong-${at}`, wrong)), {
        verdict: 'conflict',
        stream: { ...named('epoch'), tenant },
        expected: 7,
        actual: version,
      })
    }
    // Where there was none, there must still be none.
    const none = [inTenant('nobody', 'epoch', 0)]
    assert.ok(isStored(await events.commit(reading('none', none))))
    await events.commit(commitOf('came', 'epoch', { tenant: 'nobody' }))
    assert.equal((await events.commit(reading('late', none))).verdict, 'conflict')
  },
)

test('commits with and without such conditions share a group, each with its own verdict', { skip }, async () => {
  await using backend = await postgres(await newSchema()).open(runtime)
  const { events } = backend
  await events.commit(commitOf('epoch', 'epoch', { tenant: 'SYSTEM' }))
  const verdicts = await Promise.all(
    oneTo(120).map((i) => {
      if (i % 3 === 0) return events.commit(commitOf(`c${i}`, `s${i}`))
      return events.commit(reading(`c${i}`, [inTenant('SYSTEM', 'epoch', i % 3)]))
    }),
  )
  for (const [at, verdict] of verdicts.entries()) {
    assert.equal(verdict.verdict, (at + 1) % 3 === 2 ? 'conflict' : 'stored', String(at + 1))
    if (verdict.verdict === 'conflict') assert.deepEqual([verdict.expected, verdict.actual], [2, 1])
  }
  assert.equal(await events.head(), 81)
})

test(
  'of one who moves a stream and many who rely on it elsewhere, none is stored behind the move',
  { skip },
  async () => {
    const options = await newSchema()
    await using one = await postgres(options).open(runtime)
    await using other = await postgres(options).open(runtime)
    for (const version of oneTo(12)) {
      const relying = oneTo(40).map((i) => {
        const { events } = i % 2 === 0 ? one : other
        return events.commit(reading(`${version}-${i}`, [inTenant('SYSTEM', 'epoch', version - 1)]))
      })
      const moved = await one.events.commit(commitOf(`move-${version}`, 'epoch', { tenant: 'SYSTEM' }))
      assert.ok(moved.verdict === 'stored')
      for (const verdict of await Promise.all(relying)) {
        if (verdict.verdict === 'stored') assert.ok(verdict.commitNo < moved.commitNo)
        else assert.deepEqual([verdict.verdict, 'actual' in verdict && verdict.actual], ['conflict', version])
      }
    }
  },
)
