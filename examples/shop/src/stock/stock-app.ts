// The stock: an app of its own, which knows the shop by what it announces and nothing else.
import { createApp } from '@gesta/core'
import { stockDomain } from './domain.ts'

export const stock = createApp('stock', { domains: [stockDomain] })
