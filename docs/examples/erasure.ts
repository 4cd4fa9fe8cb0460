import { z } from 'zod'
import {
  aggregate,
  command,
  createApp,
  domain,
  event,
  handle,
  isErased,
  query,
  readModel,
  SubjectErased,
} from '@gesta/core'
import type { Erased } from '@gesta/core'

const register = command('Customer.Register', { input: z.object({ customerId: z.string(), name: z.string() }) })
const greet = command('Customer.Greet', {
  input: z.object({ customerId: z.string() }),
  result: z.object({ greeting: z.string() }),
})
const list = query('Customer.List', { result: z.array(z.string()) })

// `name` is about a person, and `customerId` says which one. The name is stored sealed with this person's own key.
const Registered = event('Customer.Registered', z.object({ customerId: z.string(), name: z.string() }), {
  personal: { subject: 'customerId', fields: ['name'] },
})

// Whoever reads a personal field gets it as it was written, or `Erased`: the compiler asks what to do then.
const Customer = aggregate('Customer', (): { readonly name: string | Erased } => ({ name: '' })).on(
  Registered,
  (_, { name }) => ({ name }),
)

// A view keeps plain rows. It removes what it has of an erased person by itself.
const customers = readModel('Customer.ByName', () => ({ name: '' }))
  .on(
    Registered,
    ({ customerId }) => customerId,
    (_, { name }) => (isErased(name) ? undefined : { name }),
  )
  .on(
    SubjectErased,
    ({ subject }) => subject,
    () => undefined,
  )

const sales = domain('Customer', {
  permissions: 'anonymous',
  readModels: [customers],
  handlers: [
    Customer.decide(register, 'customerId', (_, input) => [Registered(input)]),
    Customer.decide(greet, 'customerId', ({ name }) =>
      greet.accept([], { greeting: isErased(name) ? 'Hello, whoever you were' : `Hello ${name}` }),
    ),
    handle(list, async (_, { read }) => (await read(customers).list()).items.map(({ name }) => name)),
  ],
})

// A real secret comes from outside the code: openssl rand -base64 32.
const secrets = [{ id: '2026', secret: 'not a secret, because everybody can read it' }]
await using running = await createApp('shop', { domains: [sales] }).start({ encryption: { secrets } })

await running.dispatch(register({ customerId: 'c-1', name: 'Ann' }))
const last = await running.dispatch(register({ customerId: 'c-2', name: 'Bob' }))
console.log(await running.query(list(), { after: last.token }))

const { token, erasedAt } = await running.erase({ subject: 'c-1', reason: 'asked for it on the phone' })
console.log(await running.query(list(), { after: token }), erasedAt.length)

const greeted = await running.dispatch(greet({ customerId: 'c-1' }))
if (greeted.ok) console.log(greeted.result.greeting)
