// The product domain: descriptions, and what sold.
import { domain } from '@gesta/core'
import { describe } from './contracts.ts'
import { decideDescribe, Product } from './product.ts'
import { handleGet, handleSales, SalesByProduct } from './sales-by-product.ts'

/** The domain without the question who may. */
export const productParts = {
  roles: ['web'],
  handlers: [Product.decide(describe, 'code', decideDescribe), handleGet, handleSales],
  aggregates: [Product],
  readModels: [SalesByProduct],
} as const

export const productDomain = domain('Product', {
  ...productParts,
  permissions: {
    // Groups hold it: src/people/permissions.ts.
    'Product.Describe': 'authorized',
    'Product.Get': 'anonymous',
    'Product.Sales': 'anonymous',
  },
})
