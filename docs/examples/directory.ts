import { z } from 'zod'
import { aggregate, command, createApp, domain, event, handle, isPermissionDenied, query, readModel } from '@gesta/core'
import type { Directory } from '@gesta/core'

const member = z.object({ identity: z.string() })
const join = command('Desk.Join', { input: member })
const leave = command('Desk.Leave', { input: member })
const Joined = event('Desk.Joined', z.object({}))
const Left = event('Desk.Left', z.object({}))
const Seat = aggregate('Desk.Seat', () => ({}))
  .on(Joined, () => ({}))
  .on(Left, () => ({}))
const Members = readModel('Desk.Members', () => ({ joined: false }))
  .on(
    Joined,
    (_, { aggregate: { id } }) => id,
    () => ({ joined: true }),
  )
  .on(
    Left,
    (_, { aggregate: { id } }) => id,
    () => undefined,
  )

const desk = domain('Desk', {
  permissions: 'anonymous',
  readModels: [Members],
  handlers: [Seat.decide(join, 'identity', () => [Joined({})]), Seat.decide(leave, 'identity', () => [Left({})])],
  // The commit that stores such an event also moves the epoch of the tenant: whatever was known before is asked anew.
  advances: [
    [Joined, () => 'tenant'],
    [Left, () => 'tenant'],
  ],
})
const find = query('Order.Find', { result: z.string() })
const orders = domain('Order', { permissions: 'authorized', handlers: [handle(find, async () => 'order A-1')] })

// Readers wait until their view has what moved the epoch.
const directory: Directory = {
  identity: async ({ tenant, identity }, look) =>
    (await look.read(Members, tenant).get(identity)) && { groups: ['clerks'] },
  group: async (_, id) => (id === 'clerks' ? { permissions: ['Order.*'] } : undefined),
  hasWorkspace: async () => false,
}
await using running = await createApp('shop', { domains: [desk, orders] }).start({ directory })
const ann = { tenant: 'acme', identity: 'ann', account: 'a-1', session: 's-1' }
const acme = running.as({ targetTenant: 'acme' })
const asked = (): Promise<string> =>
  running
    .as(ann)
    .query(find())
    .catch((error: unknown) => (isPermissionDenied(error) ? error.facts.reason : 'failed'))

console.log(await asked())
await acme.dispatch(join({ identity: 'ann' }))
console.log(await asked())
await acme.dispatch(leave({ identity: 'ann' }))
console.log(await asked())
const { allowed, path } = await running.permissions.explain(ann, 'Order.Find')
console.log(allowed, path.map(({ step, result }) => `${step} ${result}`).join(', '))
