// The shop: three domains made one app. What stores it and what serves it is chosen where it starts.
import { createApp } from '@gesta/core'
import { customerDomain } from './customer/domain.ts'
import { orderDomain } from './order/domain.ts'
import { productDomain } from './product/domain.ts'

export const shop = createApp('shop', { domains: [orderDomain, productDomain, customerDomain] })
