// The shop for people who sign in: its domains, in which groups say who may what, beside those of the identity.
import { auditDomain, createApp, domain, runtimeDomain } from '@gesta/core'
import type { Identity } from '@gesta/identity'
import { customerParts } from '../customer/domain.ts'
import { orderParts } from '../order/domain.ts'
import { productParts } from '../product/domain.ts'

const orders = domain('Order', { ...orderParts, permissions: 'authorized' })
const products = domain('Product', { ...productParts, permissions: 'authorized' })
const customers = domain('Customer', { ...customerParts, permissions: 'authorized' })

/** One app for each identity. Every tenant has a shop of its own: orders, products and customers of others are not there. */
export function shopWith({ domains }: Identity) {
  return createApp('shop', { domains: [orders, products, customers, ...domains, runtimeDomain(), auditDomain()] })
}
