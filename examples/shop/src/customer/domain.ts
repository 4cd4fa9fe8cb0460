// The customer domain: who bought what, and which invoices a customer has.
import { domain, handle, projection } from '@gesta/core'
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

export const customerDomain = domain('Customer', {
  roles: ['web'],
  permissions: 'anonymous',
  handlers: [handleGet, handleOrders],
  aggregates: [Customer],
  readModels: [Customers, OrdersByCustomer],
})
