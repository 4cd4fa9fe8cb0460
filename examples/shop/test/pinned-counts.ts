// What the rules must come to, exactly. The README shows the same numbers, and a test compares both.
export interface Pinned {
  readonly sales: number
  readonly returns: number
  readonly rejected: { readonly [code: string]: number }
  readonly unreadable: number
  readonly events: number
}

/** data/online-retail-sample.csv: 998 lines, 503 invoices. */
export const pinnedSample: Pinned = {
  sales: 447,
  returns: 8,
  rejected: { no_earlier_sale: 16, no_goods: 16, stock_adjustment: 7, nothing_charged: 6, more_than_bought: 2, guest_return: 1 },
  unreadable: 0,
  events: 868,
}

/** The file of 30,000 lines, 12,392 invoices, that the sample was taken from. */
export const pinnedFullFile: Pinned = {
  sales: 11_802,
  returns: 41,
  rejected: { no_earlier_sale: 452, no_goods: 61, nothing_charged: 19, stock_adjustment: 13, more_than_bought: 3, guest_return: 1 },
  unreadable: 0,
  events: 23_058,
}
