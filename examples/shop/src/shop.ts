// The shop: three domains made one app, and those that show the app to whoever runs it. What stores it and what serves it is chosen where
// it starts.
import { auditDomain, createApp, registerStorePermissions, runtimeDomain } from '@gesta/core'
import { customerDomain } from './customer/domain.ts'
import { orderDomain } from './order/domain.ts'
import { productDomain } from './product/domain.ts'

/** For operators alone: what the app is made of, its stores, its audit log. */
const operated = [runtimeDomain(), ...registerStorePermissions(), auditDomain()] as const

export const shop = createApp('shop', { domains: [orderDomain, productDomain, customerDomain, ...operated] })
