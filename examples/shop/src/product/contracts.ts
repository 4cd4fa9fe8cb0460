// What the product domain can be told and asked.
import { command, query } from '@gesta/core'
import { z } from 'zod'
import { stockCode } from '../order/invoice-line.ts'

/** Invoices carry whatever was typed at the till, so the name of a product can be put right. */
export const describe = command('Product.Describe', {
  description: 'Put right what a product is called',
  // What it was called before, and by whom it was changed, is in the audit log.
  audited: true,
  input: z.object({ code: stockCode, description: z.string().trim().min(1).max(200) }),
  rejections: {
    not_goods: 'The stock code names a charge, not a product.',
    same_description: 'The product has this description already.',
  },
})

export const ProductSales = z.object({
  code: z.string(),
  description: z.string(),
  orders: z.int(),
  sold: z.int(),
  returned: z.int(),
  soldPence: z.int(),
  refundedPence: z.int(),
})
export type ProductSales = z.infer<typeof ProductSales>

export const get = query('Product.Get', { input: z.object({ code: stockCode }), result: ProductSales.nullable() })

export const sales = query('Product.Sales', {
  input: z.object({
    /** First and last stock code, inclusive. */
    from: stockCode.optional(),
    to: stockCode.optional(),
    limit: z.int().min(1).max(1_000).default(100),
    offset: z.int().min(0).default(0),
  }),
  result: z.object({ products: z.array(ProductSales), total: z.int() }),
})
