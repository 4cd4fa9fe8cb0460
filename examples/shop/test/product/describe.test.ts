// The rules of a product's description, and which codes are goods.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isGoods } from '../../src/product/goods.ts'
import { decideDescribe, Described, Product } from '../../src/product/product.ts'

const code = '85123A'

describe('a description', () => {
  it('can be put right', () => {
    assert.deepEqual(decideDescribe(Product.fold([]), { code, description: 'HEART' }), [
      Described({ description: 'HEART' }),
    ])
  })
  it('is rejected when it is the same', () => {
    const decision = decideDescribe(Product.fold([Described({ description: 'HEART' })]), { code, description: 'HEART' })
    assert('rejected' in decision && decision.code === 'same_description')
  })
  it('is rejected for a charge', () => {
    const decision = decideDescribe(Product.fold([]), { code: 'POST', description: 'HEART' })
    assert('rejected' in decision && decision.code === 'not_goods')
  })
})

describe('goods', () => {
  it('are what the till sells, whatever the code looks like', () => {
    for (const sold of ['22914', '85123A', '15056BL', 'DCGS0004', 'DCGSSGIRL']) assert(isGoods(sold), sold)
    for (const charge of ['POST', 'DOT', 'C2', 'M', 'D', 'S', 'AMAZONFEE', 'CRUK', 'BANK CHARGES', 'GIFT_0001_20'])
      assert(!isGoods(charge), charge)
  })
})
