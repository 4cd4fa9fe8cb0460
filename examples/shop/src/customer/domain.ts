// The customer domain: who bought what, and which invoices a customer has.
import { anyOf, deny, domain, handle, projection } from '@gesta/core'
import type { Caller, Denied, InputOf } from '@gesta/core'
import { get } from './contracts.ts'
import { Customer } from './customer.ts'
import { handleOrders, OrdersByCustomer } from './orders-by-customer.ts'

const Customers = projection(Customer)

const handleGet = handle(get, async ({ customerId }, { read }) => {
  const customer = await read(Customers).get(customerId)
  if (customer === undefined) return null
  const holdings = Object.entries(customer.state.holdings).map(([code, holding]) => ({ code, ...holding }))
  return { customerId, holdings: holdings.toSorted((one, other) => (one.code < other.code ? -1 : 1)) }
})

/** What somebody has bought and can still give back is for himself, and for the groups that hold `Customer.Get`. */
function isTheCustomer({ customerId }: InputOf<typeof get>, { identity }: Caller): Denied | undefined {
  return identity === customerId ? undefined : deny('it is another customer')
}

/** The domain without the question who may. */
export const customerParts = {
  roles: ['web'],
  handlers: [handleGet, handleOrders],
  aggregates: [Customer],
  readModels: [Customers, OrdersByCustomer],
} as const

export const customerDomain = domain('Customer', {
  ...customerParts,
  permissions: {
    'Customer.Get': anyOf<InputOf<typeof get>>('authorized', isTheCustomer),
    'Customer.Orders': 'anonymous',
  },
})
