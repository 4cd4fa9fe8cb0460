// The product: its description, where somebody put right what the invoices say.
import { aggregate, event } from '@gesta/core'
import type { InputOf } from '@gesta/core'
import { z } from 'zod'
import { describe } from './contracts.ts'
import { isGoods } from './goods.ts'

export const Described = event('Product.Described', z.object({ description: z.string() }))

export interface ProductState {
  readonly description: string | undefined
}

export const Product = aggregate('Product', (): ProductState => ({ description: undefined })).on(
  Described,
  (_, { description }) => ({ description }),
)

export function decideDescribe(product: ProductState, { code, description }: InputOf<typeof describe>) {
  if (!isGoods(code)) return describe.reject('not_goods')
  if (product.description === description) return describe.reject('same_description')
  return [Described({ description })]
}
