// The product domain: descriptions, and what sold.
import { domain } from '@gesta/core'
import { describe } from './contracts.ts'
import { decideDescribe, Product } from './product.ts'
import { handleGet, handleSales, SalesByProduct } from './sales-by-product.ts'

export const productDomain = domain('Product', {
  roles: ['web'],
  permissions: {
    // Groups hold it: src/people/permissions.ts.
    'Product.Describe': 'authorized',
    'Product.Get': 'anonymous',
    'Product.Sales': 'anonymous',
  },
  handlers: [Product.decide(describe, 'code', decideDescribe), handleGet, handleSales],
  aggregates: [Product],
  readModels: [SalesByProduct],
})
