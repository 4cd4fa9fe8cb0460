import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  configDomain,
  createApp,
  defineConfig,
  domain,
  followConfig,
  memory,
  openConfig,
  plainDirectory,
  systemTenant,
} from '@gesta/core'
import { z } from 'zod'
import type { AdminOptions } from '../../src/index.ts'
import { operatorOf } from './operator.ts'

const definition = defineConfig({
  ordersMax: { schema: z.int().min(1), default: 100, description: 'Open orders.', reload: 'hot' },
})
const groups = {
  administrators: { permissions: ['Config.*'] },
  setters: { permissions: ['Config.Set'] },
}
const identities = { root: { groups: ['administrators'] }, setter: { groups: ['setters'] }, guest: { groups: [] } }
const directory = plainDirectory({ tenants: { [systemTenant]: { identities, groups } } })
const authenticate: AdminOptions['authenticate'] = ({ headers }) => {
  const identity = headers.authorization?.replace('Bearer ', '')
  return identity === undefined ? undefined : { tenant: systemTenant, identity, account: identity, session: 's-1' }
}

/** A process that follows what administrators set, with its admin address. */
async function followed(options: AdminOptions = {}) {
  await using opening = new AsyncDisposableStack()
  const config = opening.use(await openConfig(definition))
  const app = createApp('shop', { domains: [configDomain(config)] })
  const running = opening.use(await app.start({ store: memory(), directory }))
  opening.use(await followConfig(running, config, { process: 'web-1' }))
  const operator = opening.use(await operatorOf(running, options))
  const opened = opening.move()
  return { config, running, operator, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

describe('over the admin address the configuration', () => {
  test('is set, and the answer tells each process as applied, refused or pending', async () => {
    await using place = await followed()
    const set = await place.operator.post('/admin/config', { values: { ordersMax: 7 }, reason: 'a quiet week' })
    assert.equal(set.status, 200, set.text)
    const { version, isConverged, processes } = set.body
    assert.deepEqual([version, isConverged], [1, true])
    const [web] = processes as readonly { readonly [field: string]: unknown }[]
    assert.deepEqual([web?.['process'], web?.['state'], web?.['version']], ['web-1', 'applied', 1])
    assert.equal(place.config.current.ordersMax, 7)
    const listed = await place.operator.get('/admin/config/processes?version=2')
    assert.match(listed.text, /"isConverged":false.*"state":"pending"/)
  })

  test('is shown with origins, told with its history, and put back', async () => {
    await using place = await followed()
    for (const ordersMax of [7, 9]) await place.operator.post('/admin/config', { values: { ordersMax } })
    assert.match(
      (await place.operator.get('/admin/config')).text,
      /"key":"ordersMax","value":"9","source":"administrator"/,
    )
    assert.equal(
      (await place.operator.post('/admin/config/rollback', { version: 1, waitMs: 30_000 })).body['version'],
      3,
    )
    assert.equal(place.config.current.ordersMax, 7)
    const history = await place.operator.get('/admin/config/history?limit=1')
    assert.match(history.text, /^\{"items":\[\{"version":3,.*\}\],"hasMore":true\}$/)
  })

  test('refuses values that do not fit, with all problems, and unknown fields', async () => {
    await using place = await followed()
    const refused = await place.operator.post('/admin/config', { values: { ordersMax: 0, orderMax: 1 } })
    assert.deepEqual([refused.status, refused.problem.code, refused.problem.rejected], [422, 'invalid', true])
    const { problems } = refused.problem.details as { readonly problems: readonly { readonly key: string }[] }
    assert.deepEqual(problems.map(({ key }) => key).toSorted(), ['orderMax', 'ordersMax'])
    const misspelt = await place.operator.post('/admin/config', { value: { ordersMax: 1 } })
    assert.deepEqual([misspelt.status, misspelt.problem.code], [422, 'unknown_field'])
    assert.equal((await place.operator.get('/admin/config/history')).text, '{"items":[],"hasMore":false}')
  })

  test('is not set on top of a version that is no longer the newest', async () => {
    await using place = await followed()
    const set = (ordersMax: number, ifVersion: number) =>
      place.operator.post('/admin/config', { values: { ordersMax }, ifVersion })
    assert.equal((await set(3, 0)).status, 200)
    const late = await set(4, 0)
    assert.deepEqual([late.status, late.problem.code, late.problem.details], [422, 'changed', { version: 1 }])
    assert.equal((await set(4, 1)).status, 200)
    assert.equal((await set(5, -1)).problem.code, 'invalid_input')
  })

  test('asks for the permission of each contract, and tells what was set when the processes may not be listed', async () => {
    await using place = await followed({ authenticate })
    const as = (name: string) => ({ headers: { authorization: `Bearer ${name}` } })
    assert.equal((await place.operator.post('/admin/config', { values: {} })).status, 401)
    const denied = await place.operator.post('/admin/config', { values: { ordersMax: 3 } }, as('guest'))
    assert.deepEqual([denied.status, denied.problem.code], [403, 'permission_denied'])
    assert.equal((await place.operator.get('/admin/config/processes', as('setter'))).status, 403)
    const set = await place.operator.post('/admin/config', { values: { ordersMax: 3 } }, as('setter'))
    assert.deepEqual([set.status, set.body], [200, { version: 1, unlisted: 'permission_denied' }])
    assert.equal((await place.operator.post('/admin/config', { values: { ordersMax: 4 } }, as('root'))).status, 200)
  })

  test('is not served for an app without the domain', async () => {
    const app = createApp('shop', { domains: [domain('Order', { handlers: [], permissions: 'anonymous' })] })
    await using running = await app.start({ store: memory() })
    await using operator = await operatorOf(running)
    assert.equal((await operator.get('/admin/config')).problem.code, 'unknown_path')
  })
})
