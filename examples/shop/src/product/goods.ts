// Which stock codes are goods, and which are charges that a till books through the same column.

/** Codes of the till that name no goods, and what they stand for. */
const charges: ReadonlyMap<string, string> = new Map([
  ['POST', 'postage'],
  ['DOT', 'postage of the second web shop'],
  ['C2', 'carriage'],
  ['M', 'an amount typed in by hand'],
  ['D', 'a discount'],
  ['S', 'samples'],
  ['B', 'a bad debt'],
  ['PADS', 'cushion pads, booked at a tenth of a penny'],
  ['BANK CHARGES', 'bank charges'],
  ['AMAZONFEE', 'a fee of a marketplace'],
  ['CRUK', 'a commission to a charity'],
])

/** Gift vouchers, `GIFT_0001_20` and the like: money for later, not goods. */
const voucher = /^GIFT_/

export function isGoods(code: string): boolean {
  return !charges.has(code) && !voucher.test(code)
}
