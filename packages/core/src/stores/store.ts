// What every store has in common: it tells what it is and holds, counts when asked, and can be emptied.

/** What a store says of itself. */
export interface StoreInfo {
  /** The port: `event`, `snapshot`, `cache`, ... */
  readonly store: string
  /** The backend: `memory`, `sqlite`, `postgres`, ... */
  readonly backend: string
  readonly readOnly: boolean
  /** Items that it holds, all tenants together. */
  readonly items: number
  /** What the port adds: numbers and short texts, never a secret, a payload or a connection string. */
  readonly details: { readonly [name: string]: string | number | boolean }
}
export interface Store extends AsyncDisposable {
  info(): Promise<StoreInfo>
}

/** A page of a list. Reading on: the same question with `cursor`. */
export interface Page<Item> {
  readonly items: readonly Item[]
  /** Where the next page begins; absent at the end. Opaque; good for the same question only. */
  readonly cursor?: string | undefined
  /** How many items the question has without paging; present only when `withTotal` asked for it. */
  readonly total?: number | undefined
}
export interface PageRequest {
  /** From the page before. Not together with `offset`. */
  readonly cursor?: string | undefined
  /** Items to leave out first, a whole number from 0. */
  readonly offset?: number | undefined
  /** 1 to 10,000; default 100. */
  readonly limit?: number | undefined
  /** Counts the whole list too, which costs as much as reading it. */
  readonly withTotal?: boolean | undefined
}
