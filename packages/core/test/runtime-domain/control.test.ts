// What operators tell read models: allowed, in the audit log before it is done, and done once.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GestaError, systemContext, systemTenant } from '@gesta/core'
import type { EventHandlerRow } from '../../src/runtime-domain/answers.ts'
import { ControlEventHandler, EventHandlerList } from '../../src/runtime-domain/contracts.ts'
import type { ControlInput } from '../../src/runtime-domain/contracts.ts'
import type { ListPage } from '../../src/runtime-domain/rows.ts'
import { clerk, operator, people, reader, root, runtimePlace } from './runtime-place.ts'
import type { RuntimePlace } from './runtime-place.ts'

const tell = (action: ControlInput['action'], more: Partial<ControlInput> = {}) =>
  ControlEventHandler({ eventHandlerName: 'Note', action, ...more })

const unavailable = new GestaError('store_unavailable', 'The store does not answer.')

async function stateOf(place: RuntimePlace): Promise<string | undefined> {
  const page = (await place.ask(EventHandlerList({}))) as ListPage<EventHandlerRow>
  return page.items.find(({ name }) => name === 'Note')?.state
}
async function audited(place: RuntimePlace): Promise<readonly string[]> {
  const page = await place.done(place.audit.list({ tenant: systemTenant, order: 'oldest' }))
  return page.items
    .filter(({ action }) => action.startsWith('Runtime.ControlEventHandler'))
    .map(({ action, outcome }) => `${action} ${outcome}`)
}

describe('control of event handlers', () => {
  test('pauses, resumes, stops, starts and restarts a read model, and answers with its state', async () => {
    await using place = await runtimePlace()
    await place.done(place.running.caughtUp())
    const steps = [
      ['pause', 'paused'],
      ['resume', 'live'],
      ['stop', 'stopped'],
      ['start', 'live'],
      ['restart', 'live'],
      ['cancel', 'live'],
    ] as const
    for (const [action, state] of steps) {
      const row = (await place.ask(tell(action), operator)) as EventHandlerRow
      assert.equal(row.name, 'Note')
      assert.equal(row.domain, 'Note')
      await place.clock.advance(5_000)
      assert.equal(await stateOf(place), state, action)
    }
  })

  test('restores a read model from zero, beside the one that queries read', async () => {
    await using place = await runtimePlace()
    await place.note('a')
    await place.done(place.running.caughtUp())
    const row = (await place.ask(tell('restore', { restoreFromZero: true }))) as EventHandlerRow
    assert.equal(row.state, 'restoring')
    await place.clock.advance(5_000)
    assert.equal(await stateOf(place), 'live')
    assert.equal(((await place.ask(tell('restore'))) as EventHandlerRow).state, 'live')
  })

  test('leaves what was meant in the audit log before it is done, and what came of it', async () => {
    await using place = await runtimePlace()
    await place.ask(tell('pause'))
    const intent = 'Runtime.ControlEventHandler.Intent succeeded'
    assert.deepEqual(await audited(place), [intent, 'Runtime.ControlEventHandler succeeded'])
  })

  test('acts once, though permissions change meanwhile and the command is decided again', async () => {
    let change = async (): Promise<unknown> => undefined
    await using place = await runtimePlace({
      interfere: async (commit, next) => {
        const once = change
        if (commit.header.commandType === ControlEventHandler.type) {
          change = async () => undefined
          await once()
        }
        return next()
      },
    })
    await place.done(place.running.caughtUp())
    change = () => place.running.permissions.changed('tenant', systemTenant)
    const row = (await place.ask(tell('restore', { restoreFromZero: true }), operator)) as EventHandlerRow
    assert.equal(row.state, 'restoring')
    const intent = 'Runtime.ControlEventHandler.Intent succeeded'
    assert.deepEqual(await audited(place), [intent, 'Runtime.ControlEventHandler succeeded'])
  })

  test('does nothing when the intent cannot be stored', async () => {
    let isDown = false
    await using place = await runtimePlace({ interfere: (_, next) => (isDown ? Promise.reject(unavailable) : next()) })
    await place.done(place.running.caughtUp())
    isDown = true
    assert.equal(await place.ask(tell('pause')), 'store_unavailable')
    isDown = false
    assert.equal(await stateOf(place), 'live')
  })
})

describe('control is refused', () => {
  test('for a name that nothing has, and for subscribers', async () => {
    await using place = await runtimePlace()
    assert.equal(await place.ask(tell('pause', { eventHandlerName: 'Nothing' })), 'read_model_unknown')
    assert.equal(await place.ask(tell('restore', { eventHandlerName: 'Note.Tell' })), 'not_restorable')
    assert.equal(await place.ask(tell('explode' as never)), 'invalid_input')
    const outcomes = await audited(place)
    assert.deepEqual(outcomes, [
      'Runtime.ControlEventHandler failed',
      'Runtime.ControlEventHandler failed',
      'Runtime.ControlEventHandler failed',
    ])
  })

  test('to other tenants, to strangers, and to who has lost the permission', async () => {
    await using place = await runtimePlace()
    await place.done(place.running.caughtUp())
    for (const caller of [clerk, reader, {}, { ...root, identity: 'nobody' }])
      assert.equal(await place.ask(tell('pause'), caller), 'permission_denied')
    const { operators: _, ...groups } = people.tenants[systemTenant]?.groups ?? {}
    const identities = { root: { groups: ['administrators'] } }
    await place.become({ tenants: { ...people.tenants, [systemTenant]: { identities, groups } } }, systemTenant)
    assert.equal(await place.ask(tell('pause'), operator), 'permission_denied')
    assert.equal(await stateOf(place), 'live')
    assert.equal(((await place.ask(tell('pause'), systemContext())) as EventHandlerRow).state, 'paused')
  })
})
