// Denials: every one is in the audit log before its caller is told, with the record of the command or in a commit of its own.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GestaError } from '@gesta/core'
import { settled } from '../fake-clock.ts'
import {
  ann,
  entriesOf,
  factsOf,
  fill,
  forbidden,
  guarded,
  look,
  metadata,
  move,
  moveAudited,
  own,
  peek,
  startVaults,
  told,
} from './vault.ts'

const denied = { code: 'permission_denied' }

describe('a denied command', () => {
  test('leaves its entry in the commit of its record, with the reason for operators', async () => {
    await using app = await startVaults()
    const options = { context: ann, commandId: 'c', metadata }
    await assert.rejects(app.running.dispatch(guarded({ id: 'a' }), options), denied)
    const [entry] = await entriesOf(app, 't')
    assert.deepEqual([entry?.action, entry?.actor, entry?.outcome], ['Vault.Guarded', 'ann@t', 'denied'])
    assert.deepEqual([entry?.commandId, (await app.store.header('t', 'c'))?.outcome], ['c', 'denied'])
    const { reason, address, session } = factsOf(entry?.data ?? '{}')
    assert.deepEqual([reason, address, session], ['the guard sleeps', '192.0.2.1', 's-1'])
  })

  test('leaves it in a commit of its own where no commands are recorded, and its id free', async () => {
    await using app = await startVaults({ commandLog: false })
    await assert.rejects(app.running.dispatch(guarded({ id: 'a' }), { context: ann, commandId: 'c' }), denied)
    const [entry] = await entriesOf(app, 't')
    assert.notEqual(entry?.commandId, 'c')
    assert.equal(await app.store.header('t', 'c'), undefined)
    assert.equal((await app.store.header('t', entry?.commandId ?? ''))?.commandType, 'Gesta.Audit')
    assert.equal(factsOf(entry?.data ?? '{}').correlationId, 'request')
  })

  test('is not the only end that leaves one there: so does what fails in an audited command', async () => {
    await using app = await startVaults({ commandLog: false })
    await assert.rejects(app.running.dispatch(fill({ id: 'a', gold: -1, pin: '' }), { context: ann }), TypeError)
    await assert.rejects(app.running.dispatch(own({ id: 'a' }), { context: { tenant: 't' } }), denied)
    assert.deepEqual(await told(app, 't'), [
      'Vault.Fill failed handler_failed',
      'Vault.Own denied the caller is not authenticated',
    ])
  })

  test('leaves one each time, also under an id that has its record', async () => {
    await using app = await startVaults()
    for (const _ of [1, 2, 3])
      await assert.rejects(app.running.dispatch(guarded({ id: 'a' }), { context: ann, commandId: 'c' }), denied)
    assert.equal((await entriesOf(app, 't')).length, 3)
  })

  test('leaves one also under names that no record can have', async () => {
    await using app = await startVaults()
    const context = { ...ann, tenant: 't', targetTenant: 'a\0', attributes: { large: 'x'.repeat(20_000) } }
    await assert.rejects(app.running.dispatch(guarded({ id: 'a' }), { context }), denied)
    await assert.rejects(app.running.dispatch(guarded({ id: 'a' }), { context: ann, commandId: '' }), denied)
    const large = { ...ann, attributes: { large: 'x'.repeat(20_000) } }
    await assert.rejects(app.running.dispatch(guarded({ id: 'a' }), { context: large }), denied)
    assert.deepEqual(await told(app), ['Vault.Guarded denied the guard sleeps'])
    assert.equal((await entriesOf(app, 't')).length, 2)
  })

  test('is answered only when its entry is stored, whatever its deadline', async () => {
    let open: (() => void) | undefined
    const held = new Promise<void>((resolve) => (open = resolve))
    await using app = await startVaults({
      interfere: async (_, next) => {
        await held
        return next()
      },
    })
    let isAnswered = false
    const answer = assert
      .rejects(app.running.dispatch(guarded({ id: 'a' }), { context: ann, deadlineMs: 50 }), denied)
      .then(() => (isAnswered = true))
    await app.clock.advance(1_000)
    await settled()
    assert.equal(isAnswered, false)
    open?.()
    await answer
    assert.equal((await entriesOf(app, 't')).length, 1)
  })

  test('is denied all the same when its entry cannot be stored, which is counted', async () => {
    await using app = await startVaults({
      interfere: async () => {
        throw new GestaError('store_unavailable', 'No disk.')
      },
    })
    await assert.rejects(app.running.dispatch(guarded({ id: 'a' }), { context: ann }), denied)
    await assert.rejects(app.running.query(forbidden({ id: 'a' }), { context: ann }), denied)
    assert.deepEqual(app.running.audit.status, { sampled: 0, lost: 2, lastError: 'store_unavailable' })
  })

  test('of callers without an account leaves so many entries in a second; the rest is counted', async () => {
    await using app = await startVaults({ audit: { anonymousPerSecond: 2 } })
    const knock = async (): Promise<void> => {
      await assert.rejects(app.running.dispatch(own({ id: 'a' })), denied)
      await assert.rejects(app.running.query(forbidden({ id: 'a' })), denied)
    }
    for (let at = 0; at < 3; at++) await knock()
    await assert.rejects(app.running.dispatch(own({ id: 'a' }), { context: { account: 'ann' } }), denied)
    assert.deepEqual([(await entriesOf(app)).length, app.running.audit.status.sampled], [3, 4])
    await app.clock.advance(1_000)
    await knock()
    assert.deepEqual([(await entriesOf(app)).length, app.running.audit.status.sampled], [5, 4])
  })
})

test('a permission that is asked for by name leaves its denial, as bounded as others, once', async () => {
  await using app = await startVaults({ audit: { anonymousPerSecond: 2 } })
  const { permissions, audit } = app.running
  for (let at = 0; at < 5; at++) await assert.rejects(permissions.require({}, 'Vault.Own', metadata), denied)
  await assert.rejects(permissions.require(ann, 'Audit.Read', metadata), denied)
  const [entry] = await entriesOf(app, 't')
  assert.deepEqual([(await entriesOf(app)).length, audit.status.sampled], [2, 3])
  assert.deepEqual([entry?.action, entry?.outcome, entry?.actor], ['Audit.Read', 'denied', 'ann@t'])
  assert.equal(factsOf(entry?.data ?? '{}').address, '192.0.2.1')
})

describe('a query', () => {
  test('that is denied leaves an entry before it is answered', async () => {
    await using app = await startVaults()
    await assert.rejects(app.running.query(forbidden({ id: 'a' }), { context: ann, metadata }), denied)
    const [entry, ...others] = await entriesOf(app, 't')
    assert.deepEqual([entry?.action, entry?.outcome, others.length], ['Vault.Forbidden', 'denied', 0])
    const { reason, address } = factsOf(entry?.data ?? '{}')
    assert.deepEqual([reason, address], ['the guard sleeps', '192.0.2.1'])
  })

  test('that is audited leaves one for every end, another none', async () => {
    await using app = await startVaults()
    const context = ann
    assert.equal(await app.running.query(look({ id: 'a' }), { context, metadata }), 7)
    await assert.rejects(app.running.query(look({ id: 'broken' }), { context }), TypeError)
    await assert.rejects(app.running.query(look({} as never), { context }), { code: 'invalid_input' })
    assert.equal(await app.running.query(peek({ id: 'a' }), { context }), 7)
    assert.deepEqual(await told(app, 't'), [
      'Vault.Look succeeded -',
      'Vault.Look failed handler_failed',
      'Vault.Look failed invalid_input',
    ])
    assert.equal(factsOf((await entriesOf(app, 't'))[0]?.data ?? '{}').requestId, 'r-1')
  })

  test('that is audited is not answered when its entry cannot be stored', async () => {
    await using app = await startVaults({
      interfere: async () => {
        throw new GestaError('store_unavailable', 'No disk.')
      },
    })
    await assert.rejects(app.running.query(look({ id: 'a' }), { context: ann }), { code: 'store_unavailable' })
    assert.equal(await app.running.query(peek({ id: 'a' }), { context: ann }), 7)
  })

  test('asked by a handler is in the log with the caller of the command', async () => {
    await using app = await startVaults({}, async (context) => void (await context.query(look({ id: 'a' }))))
    await app.running.dispatch(move({ from: 'a', to: 'b' }), { context: ann, metadata })
    const [entry] = await entriesOf(app, 't')
    assert.deepEqual([entry?.action, entry?.actor], ['Vault.Look', 'ann@t'])
    assert.equal(factsOf(entry?.data ?? '{}').address, '192.0.2.1')
  })

  test('that is denied to a handler is one denial; who asked that handler leaves an entry when it is audited', async () => {
    await using app = await startVaults({}, async (context) => void (await context.query(forbidden({ id: 'a' }))))
    const given = { from: 'a', to: 'b' }
    await assert.rejects(app.running.dispatch(move(given), { context: ann, commandId: 'c' }), denied)
    assert.deepEqual(await told(app, 't'), ['Vault.Forbidden denied the guard sleeps'])
    assert.equal((await app.store.header('t', 'c'))?.outcome, 'denied')
    await assert.rejects(app.running.dispatch(moveAudited(given), { context: ann }), denied)
    assert.deepEqual((await told(app, 't')).slice(1), [
      'Vault.Forbidden denied the guard sleeps',
      'Vault.MoveAudited denied the guard sleeps',
    ])
  })
})

test('a denial that a handler keeps and throws again leaves an entry each time', async () => {
  const kept = new GestaError('permission_denied', 'Not you.')
  await using app = await startVaults({}, async () => {
    throw kept
  })
  for (const _ of [1, 2, 3])
    await assert.rejects(app.running.dispatch(move({ from: 'a', to: 'b' }), { context: ann }), denied)
  assert.equal((await entriesOf(app, 't')).length, 3)
})

test('an entry whose fate the store did not tell is stored once', async () => {
  let calls = 0
  await using app = await startVaults({
    commandLog: false,
    interfere: async (_, next) => {
      await next()
      calls += 1
      if (calls < 3) throw new GestaError('outcome_unknown', 'The line broke.')
      return next()
    },
  })
  await assert.rejects(app.running.dispatch(guarded({ id: 'a' }), { context: ann }), denied)
  assert.deepEqual([calls, (await entriesOf(app, 't')).length], [3, 1])
})
