// What the rules must come to, exactly. The README shows the same numbers, and a test compares both.
export interface Pinned {
  /** By the names of the README's rule table: what is accepted, and what is untidy about some of it. */
  readonly accepted: { readonly [trait: string]: number }
  readonly rejected: { readonly [code: string]: number }
  readonly unreadable: number
  readonly events: number
}

/** data/online-retail-sample.csv: 998 lines, 503 invoices. */
export const pinnedSample: Pinned = {
  accepted: {
    sale: 447,
    'return with an earlier sale': 8,
    'guest order': 42,
    'repeated stock code': 6,
    'charge beside goods': 4,
    'two times': 5,
  },
  rejected: {
    no_earlier_sale: 16,
    no_goods: 16,
    stock_adjustment: 7,
    nothing_charged: 6,
    more_than_bought: 2,
    guest_return: 1,
  },
  unreadable: 0,
  events: 868,
}

/** The file of 30,000 lines, 12,392 invoices, that the sample was taken from. */
export const pinnedFullFile: Pinned = {
  accepted: {
    sale: 11_802,
    'return with an earlier sale': 41,
    'guest order': 628,
    'repeated stock code': 56,
    'charge beside goods': 74,
    'two times': 13,
  },
  rejected: {
    no_earlier_sale: 452,
    no_goods: 61,
    nothing_charged: 19,
    stock_adjustment: 13,
    more_than_bought: 3,
    guest_return: 1,
  },
  unreadable: 0,
  events: 23_058,
}
