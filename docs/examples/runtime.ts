import { createApp, runtimeContracts, runtimeDomain, systemContext } from '@gesta/core'
import { hostOf } from '@gesta/core/host'
import { place, shop } from './shop.ts'

const app = createApp('shop', { domains: [...shop.domains, runtimeDomain()] })
await using running = await app.start({ version: '1.4.0' })
const { PermissionList, EventHandlerList, ControlEventHandler, Schema } = runtimeContracts
const operator = running.as(systemContext())

const permissions = await operator.query(PermissionList({ domain: 'Order' }))
for (const { name, kind, level } of permissions.items) console.log(`${name}: a ${kind}, ${level}`)

const { schema } = await operator.query(Schema({ domain: 'Order', type: 'Cancel' }))
console.log(`Order.Cancel takes ${Object.keys(schema?.['properties'] ?? {}).join(', ')}`)

const following = new AbortController()
const stream = hostOf(running).runtime?.stream.open(systemContext(), { tenant: '', signal: following.signal })
for await (const page of stream ?? []) {
  // The first page is empty: the caller was let in.
  if (page.length === 0) await running.dispatch(place({ orderId: 'A-1', pence: 4200 }))
  for (const { type, aggregateId, data } of page) console.log(type, aggregateId, data)
  if (page.length > 0) following.abort()
}

await running.caughtUp()
const paused = await operator.dispatch(ControlEventHandler({ eventHandlerName: 'Order', action: 'pause' }))
if (paused.ok) console.log(`The read model ${paused.result.name} is ${paused.result.state}`)
const [handler] = (await operator.query(EventHandlerList({}))).items
console.log(`It has applied ${handler?.metrics.applied} event`)
