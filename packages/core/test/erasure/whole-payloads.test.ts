import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { wholeLog } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp, StartedOptions } from '../started-app.ts'
import { customerDomain, encryption, get, register, rename } from './customers.ts'
import { replay } from './replay.ts'

const start = (options: StartedOptions = {}): Promise<StartedApp> =>
  startApp(customerDomain, { encryption, ...options })
const ann = { customerId: 'ann', name: 'Ann Äther', email: 'ann@example.org' }
const reason = 'asked for it'

describe('with whole payloads sealed', () => {
  const all = { ...encryption, payloads: 'all' } as const

  test('no data and no answer is readable in the store, and everything is read as it was', async () => {
    await using app = await start({ encryption: all })
    await app.running.dispatch(register(ann))
    const renamed = await app.running.dispatch(rename({ customerId: 'ann', name: 'Ann Bright' }), { commandId: 'r-1' })
    assert.deepEqual(renamed.ok && renamed.result, { before: 'Ann Äther' })
    const again = await app.running.dispatch(rename({ customerId: 'ann', name: 'Ann Bright' }), { commandId: 'r-1' })
    assert.deepEqual(again, renamed)
    const rejected = await app.running.dispatch(register(ann), { commandId: 'r-2' })
    assert.deepEqual(await app.running.dispatch(register(ann), { commandId: 'r-2' }), rejected)
    const seen = await app.clock.finish(app.running.query(get({ customerId: 'ann' }), { after: renamed.token }))
    assert.deepEqual(seen, { name: 'Ann Bright', renamed: 1 })

    for (const { data } of await wholeLog(app.store)) assert.match(data, /^ \{"sealed":"whole"/)
    for (const id of ['r-1', 'r-2'])
      assert.match((await app.store.header('', id))?.answer ?? '', /^ \{"sealed":"whole"/)
  })

  test('a repetition under an idempotency key gets the first answer', async () => {
    await using app = await start({ encryption: all })
    const caller = { context: { account: 'a', session: 's' }, idempotencyKey: 'k' }
    await app.running.dispatch(register(ann))
    const first = await app.running.dispatch(rename({ customerId: 'ann', name: 'B' }), caller)
    assert.deepEqual(await app.running.dispatch(rename({ customerId: 'ann', name: 'B' }), caller), first)
  })

  test('erasing still takes the personal fields alone', async () => {
    await using app = await start({ encryption: all })
    await app.running.dispatch(register(ann))
    await app.running.erase({ subject: 'ann', reason })
    const { known, replayed } = await replay(app, all)
    assert.deepEqual([known, replayed], [false, ['(erased)']])
  })

  test('may be switched on and off: each event is read as it was stored', async () => {
    const app = await start()
    await app.running.dispatch(register(ann))
    await app[Symbol.asyncDispose]()
    await using on = await start({ beside: app, encryption: all })
    await on.running.dispatch(rename({ customerId: 'ann', name: 'B' }), { commandId: 'r-1' })
    await using off = await start({ beside: app })
    const token = (await off.running.dispatch(rename({ customerId: 'ann', name: 'C' }))).token
    const seen = await off.clock.finish(off.running.query(get({ customerId: 'ann' }), { after: token }))
    assert.deepEqual(seen, { name: 'C', renamed: 2 })
    const again = await off.running.dispatch(rename({ customerId: 'ann', name: 'B' }), { commandId: 'r-1' })
    assert.deepEqual(again.ok && again.result, { before: 'Ann Äther' })
  })

  test('objects and cached values of the app are sealed too', async () => {
    await using app = await start({ encryption: all })
    const { data, cache } = app.running.stores
    const at = { tenant: 't', bucket: 'b', object: 'o' }
    await data.set({ ...at, contentType: 'text/plain', content: Buffer.from('a letter to Ann') })
    await cache.set({ tenant: 't', key: 'c' }, '"a note about Ann"')
    assert.equal(Buffer.from((await data.get(at))?.content ?? []).toString(), 'a letter to Ann')
    assert.equal(await cache.get({ tenant: 't', key: 'c' }), '"a note about Ann"')
    const stored = await app.held.backend.open(app.runtime)
    assert.doesNotMatch(Buffer.from((await stored.data.get(at))?.content ?? []).toString('latin1'), /Ann/)
    assert.doesNotMatch((await stored.cache.get({ tenant: 't', key: 'c' })) ?? '', /Ann/)
  })
})
