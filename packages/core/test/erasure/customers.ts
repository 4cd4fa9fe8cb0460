// Customers with personal data: a person's events under their own id, and orders that name them.
import { z } from 'zod'
import {
  aggregate,
  command,
  domain,
  event,
  handle,
  isErased,
  projection,
  query,
  readModel,
  SubjectErased,
} from '@gesta/core'
import type { EncryptionOptions, Erased } from '@gesta/core'

const customerId = z.string()

export const register = command('Customer.Register', {
  input: z.object({ customerId, name: z.string(), email: z.string().optional() }),
  rejections: { exists: 'The customer exists.' },
})
export const rename = command('Customer.Rename', {
  input: z.object({ customerId, name: z.string() }),
  result: z.object({ before: z.string() }),
})
export const touch = command('Customer.Touch', { input: z.object({ customerId }) })
export const order = command('Customer.Order', {
  input: z.object({ orderId: z.string(), customerId, address: z.object({ street: z.string(), zip: z.string() }) }),
})
export const get = query('Customer.Get', {
  input: z.object({ customerId }),
  result: z.object({ name: z.string(), renamed: z.int() }).nullable(),
})

export const Registered = event(
  'Customer.Registered',
  z.object({ customerId, name: z.string(), email: z.string().optional(), since: z.int() }),
  { personal: { subject: 'customerId', fields: ['name', 'email'] } },
)
/** Its subject is the aggregate's id. */
export const Renamed = event('Customer.Renamed', z.object({ name: z.string() }), { personal: { fields: ['name'] } })
export const Touched = event('Customer.Touched', z.object({}))
export const Ordered = event(
  'Customer.Ordered',
  z.object({ customerId, address: z.object({ street: z.string(), zip: z.string() }), items: z.int() }),
  { personal: { subject: 'customerId', fields: ['address'] } },
)

export interface CustomerState {
  readonly name: string | Erased
  readonly renamed: number
}
/** States that were decided on, in order. */
export const decidedOn: CustomerState[] = []

export const Customer = aggregate('Customer', (): CustomerState => ({ name: '', renamed: 0 }))
  .on(Registered, (customer, { name }) => ({ ...customer, name }))
  .on(Renamed, ({ renamed }, { name }) => ({ name, renamed: renamed + 1 }))
  .on(Touched, (customer) => customer)
export const Order = aggregate('Order', () => ({ placed: false })).on(Ordered, () => ({ placed: true }))

interface NameRow {
  readonly names: readonly (string | Erased)[]
}
export const names = readModel('Customer.Names', (): NameRow => ({ names: [] }))
  .on(
    Registered,
    ({ customerId: id }) => id,
    (row, { name }) => ({ names: [...row.names, name] }),
  )
  .on(
    Renamed,
    (_, { aggregate: { id } }) => id,
    (row, { name }) => ({ names: [...row.names, name] }),
  )
/** Keeps nothing of who was erased. */
export const known = readModel('Customer.Known', (): { readonly name: string | Erased } => ({ name: '' }))
  .on(
    Registered,
    ({ customerId: id }) => id,
    (_, { name }) => (isErased(name) ? undefined : { name }),
  )
  .on(
    SubjectErased,
    ({ subject }) => subject,
    () => undefined,
  )
export const customers = projection(Customer)

const readNames = query('Customer.Names', {
  input: z.object({ customerId }),
  result: z.object({ names: z.array(z.string()), known: z.boolean() }),
})
export { readNames }

export const customerDomain = domain('Customer', {
  permissions: 'anonymous',
  aggregates: [Customer, Order],
  readModels: [names, known, customers],
  handlers: [
    Customer.decide(register, 'customerId', (customer, input) =>
      customer.name === '' ? [Registered({ ...input, since: 2026 })] : register.reject('exists'),
    ),
    Customer.decide(rename, 'customerId', (customer, { name }) => {
      decidedOn.push(customer)
      return rename.accept([Renamed({ name })], { before: shown(customer.name) })
    }),
    Customer.decide(touch, 'customerId', (customer) => {
      decidedOn.push(customer)
      return [Touched({})]
    }),
    Order.decide(order, 'orderId', (_, { customerId: id, address }) => [
      Ordered({ customerId: id, address, items: 3 }),
    ]),
    handle(get, async ({ customerId: id }, { read }) => {
      const found = await read(customers).get(id)
      return found === undefined ? null : { name: shown(found.state.name), renamed: found.state.renamed }
    }),
    handle(readNames, async ({ customerId: id }, { read }) => ({
      names: ((await read(names).get(id))?.names ?? []).map(shown),
      known: (await read(known).get(id)) !== undefined,
    })),
  ],
})

/** Writes only: no read model asks for events. */
export const writingCustomers = domain('Customer', {
  permissions: 'anonymous',
  aggregates: [Customer, Order],
  handlers: [
    Customer.decide(register, 'customerId', (customer, input) =>
      customer.name === '' ? [Registered({ ...input, since: 2026 })] : register.reject('exists'),
    ),
    Customer.decide(rename, 'customerId', (customer, { name }) => {
      decidedOn.push(customer)
      return rename.accept([Renamed({ name })], { before: shown(customer.name) })
    }),
    Customer.decide(touch, 'customerId', (customer) => {
      decidedOn.push(customer)
      return [Touched({})]
    }),
  ],
})

export function shown(name: string | Erased): string {
  return isErased(name) ? '(erased)' : name
}

export const secret = { id: 'k1', secret: 'a secret of at least thirty-two bytes' }
export const otherSecret = { id: 'k2', secret: 'another secret of at least thirty-two bytes' }
export const encryption: EncryptionOptions = { secrets: [secret] }
