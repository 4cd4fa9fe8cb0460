// Audited commands: an entry for every outcome, in the commit that it describes, with the state before and after.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GestaError } from '@gesta/core'
import { appendBeside } from '../interfering-store.ts'
import {
  ann,
  entriesOf,
  factsOf,
  fill,
  fillQuietly,
  metadata,
  moveAudited,
  move,
  own,
  startVaults,
  told,
  Vault,
} from './vault.ts'

describe('an audited command', () => {
  test('leaves who did what to which resource, from where, in its own commit', async () => {
    await using app = await startVaults()
    const context = { ...ann, impersonator: 'root' }
    const { commandId } = await app.running.dispatch(fill({ id: 'a', gold: 5, pin: '1234' }), { context, metadata })
    const [entry, ...others] = await entriesOf(app, 't')
    assert.ok(entry !== undefined && others.length === 0)
    const { data, hash, recordedAt, ...rest } = entry
    assert.deepEqual(rest, {
      tenant: 't',
      sequence: 1,
      commandId,
      index: 0,
      action: 'Vault.Fill',
      actor: 'ann@t',
      resource: 'Vault/a',
      outcome: 'succeeded',
    })
    assert.match(hash, /^[0-9a-f]{64}$/)
    assert.equal(recordedAt, (await app.store.header('t', commandId))?.recordedAt)
    assert.deepEqual(factsOf(data), {
      tenant: 't',
      identity: 'ann@t',
      account: 'ann',
      session: 's-1',
      impersonator: 'root',
      address: '192.0.2.1',
      userAgent: 'a browser',
      requestId: 'r-1',
      correlationId: 'request',
      after: { gold: 5, pin: '[secret]', locks: [{ pin: '[secret]' }] },
      redacted: ['pin'],
    })
  })

  test('does without the fields that another command of the same vault marks', async () => {
    await using app = await startVaults()
    await app.running.dispatch(fillQuietly({ id: 'a', gold: 5, pin: '1234' }), { context: ann })
    await app.running.dispatch(own({ id: 'a' }), { context: ann })
    await app.running.audit.record(ann, { action: 'Vault.Seen', before: { pin: '1234' } })
    const entries = await entriesOf(app, 't')
    assert.deepEqual(
      entries.map(({ data }) => factsOf(data).before),
      [{ gold: 5, pin: '[secret]', locks: [{ pin: '[secret]' }] }, { pin: '[secret]' }],
    )
  })

  test('has the state before and after, also when it was decided again', async () => {
    let isFirst = true
    await using app = await startVaults({
      interfere: async (_, next) => {
        if (!isFirst) return next()
        isFirst = false
        await appendBeside(app.store, 'Vault/a', [{ type: 'Vault.Filled', data: { id: 'a', gold: 40, pin: '0' } }])
        return next()
      },
    })
    await app.clock.finish(app.running.dispatch(fill({ id: 'a', gold: 5, pin: '1' })))
    const [entry] = await entriesOf(app)
    const { before, after } = factsOf(entry?.data ?? '{}')
    assert.deepEqual(before, { gold: 40, pin: '[secret]', locks: [{ pin: '[secret]' }] })
    assert.deepEqual(after, { gold: 45, pin: '[secret]', locks: [{ pin: '[secret]' }, { pin: '[secret]' }] })
  })

  test('leaves an entry for every outcome: succeeded, rejected, failed, denied', async () => {
    await using app = await startVaults()
    const { running } = app
    await running.dispatch(fill({ id: 'a', gold: 99, pin: '' }), { context: ann })
    await running.dispatch(fill({ id: 'a', gold: 9, pin: '' }), { context: ann })
    await assert.rejects(running.dispatch(fill({ id: 'a', gold: -1, pin: '' }), { context: ann }), TypeError)
    await assert.rejects(running.dispatch(fill({ id: 'a' } as never), { context: ann }), { code: 'invalid_input' })
    await assert.rejects(running.dispatch(own({ id: 'a' }), { context: { tenant: 't' } }), {
      code: 'permission_denied',
    })
    assert.deepEqual(await told(app, 't'), [
      'Vault.Fill succeeded -',
      'Vault.Fill rejected full',
      'Vault.Fill failed handler_failed',
      'Vault.Fill failed invalid_input',
      'Vault.Own denied the caller is not authenticated',
    ])
    assert.equal((await entriesOf(app, 't'))[1]?.resource, 'Vault/a')
  })

  test('leaves one entry, however often it is sent under one key or id', async () => {
    await using app = await startVaults()
    const command = fill({ id: 'a', gold: 5, pin: '' })
    for (const _ of [1, 2]) await app.running.dispatch(command, { context: ann, idempotencyKey: 'k' })
    for (const _ of [1, 2]) await app.running.dispatch(command, { context: ann, commandId: 'c' })
    assert.deepEqual(await told(app, 't'), ['Vault.Fill succeeded -', 'Vault.Fill succeeded -'])
  })

  test('fails when its entry cannot be stored, and nothing of it is', async () => {
    await using app = await startVaults({
      interfere: async ({ audit }, next) => {
        if (audit.length > 0) throw new GestaError('store_unavailable', 'No disk.')
        return next()
      },
    })
    const command = { id: 'a', gold: 5, pin: '' }
    await assert.rejects(app.running.dispatch(fill(command), { context: ann }), { code: 'store_unavailable' })
    assert.deepEqual([await app.store.head(), await told(app, 't')], [0, []])
    await app.running.dispatch(fillQuietly(command), { context: ann })
    assert.equal(await app.store.head(), 1)
    const { lost, lastError } = app.running.audit.status
    assert.deepEqual([lost, lastError], [1, 'store_unavailable'])
  })

  test('and another that is not audited costs no entry', async () => {
    await using app = await startVaults()
    await app.running.dispatch(fillQuietly({ id: 'a', gold: 5, pin: '' }), { context: ann })
    assert.deepEqual(await app.audit.heads(), [])
  })

  test('of several vaults names none, and has no state', async () => {
    await using app = await startVaults({}, async ({ load }, { from, to }) => {
      for (const id of [from, to])
        (await load(Vault, id)).emit({
          kind: 'event',
          category: 'domain',
          type: 'Vault.Filled',
          data: { id, gold: 1, pin: '' },
        })
    })
    await app.running.dispatch(moveAudited({ from: 'a', to: 'b' }), { context: ann })
    const [entry] = await entriesOf(app, 't')
    const { before, after, redacted } = factsOf(entry?.data ?? '{}')
    assert.deepEqual([entry?.resource, before, after, redacted], ['', undefined, undefined, undefined])
  })
})

describe('a note of a handler', () => {
  test('is an entry beside the one of its contract, or alone', async () => {
    await using app = await startVaults({}, async (context, { from }) => {
      context.audit({ resource: `Vault/${from}`, reason: 'because', before: { gold: 1 }, after: { gold: 0, pin: 'x' } })
      context.audit({ action: 'Vault.Noted', outcome: 'failed' })
    })
    await app.running.dispatch(move({ from: 'a', to: 'b' }), { context: ann })
    assert.deepEqual(await told(app, 't'), ['Vault.Move succeeded because', 'Vault.Noted failed -'])
    const [first, second] = await entriesOf(app, 't')
    assert.deepEqual([first?.resource, first?.index, second?.index], ['Vault/a', 0, 1])
    assert.deepEqual(factsOf(first?.data ?? '{}').after, { gold: 0, pin: '[secret]' })
    await app.running.dispatch(moveAudited({ from: 'a', to: 'b' }), { context: ann })
    assert.equal((await entriesOf(app, 't')).length, 5)
  })

  test('counts only in the attempt that is stored', async () => {
    let attempts = 0
    await using app = await startVaults({}, async (context, { from }) => {
      attempts += 1
      const vault = await context.load(Vault, from)
      context.audit({ reason: `attempt ${attempts}` })
      if (attempts === 1)
        await appendBeside(app.store, `Vault/${from}`, [{ type: 'Vault.Filled', data: { id: from, gold: 1, pin: '' } }])
      vault.emit({ kind: 'event', category: 'domain', type: 'Vault.Filled', data: { id: from, gold: 1, pin: '' } })
    })
    await app.clock.finish(app.running.dispatch(move({ from: 'a', to: 'b' })))
    assert.deepEqual(await told(app), ['Vault.Move succeeded attempt 2'])
  })

  test('is gone with what its handler threw', async () => {
    await using app = await startVaults({}, async (context) => {
      context.audit({ reason: 'in vain' })
      throw new TypeError('no')
    })
    await assert.rejects(app.running.dispatch(move({ from: 'a', to: 'b' })), TypeError)
    assert.deepEqual(await told(app), [])
  })

  test('that no entry can be made of is refused where it is made, and so is one that comes too late', async () => {
    for (const note of [{ action: '' }, { outcome: 'allowed' }, { resource: 7 }, { reasn: 'x' }]) {
      await using app = await startVaults({}, async (context) => context.audit(note as never))
      await assert.rejects(app.running.dispatch(move({ from: 'a', to: 'b' })), /audit note of Vault.Move/)
    }
    let late: (() => void) | undefined
    await using app = await startVaults({}, async (context) => void (late = () => context.audit({})))
    await app.running.dispatch(move({ from: 'a', to: 'b' }))
    assert.throws(() => late?.(), { kind: 'no_event_recorder' })
  })
})
