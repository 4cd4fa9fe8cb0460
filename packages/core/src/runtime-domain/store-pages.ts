// What the contracts of all five stores share: how pages are asked for, what comes back, and why something is changed.
import { timeUs } from '../time/clock.ts'
import { listOf, optional, record, text, whole } from '../schema/plain-schema.ts'
import type { OptionalField, PlainSchema } from '../schema/plain-schema.ts'
import type { Page, PageRequest } from '../stores/store.ts'

/** How a page is asked for. */
export interface StorePageInput {
  /** From the page before; good for the same question only. */
  readonly cursor?: string | undefined
  /** 1 to 1,000; default 100. */
  readonly limit?: number | undefined
}
export const pageFields: { readonly cursor: OptionalField<string>; readonly limit: OptionalField<number> } = {
  cursor: optional(text(1)),
  limit: optional(whole(1, 1_000)),
}
export interface StorePage<Item> {
  readonly items: readonly Item[]
  /** Where the next page begins; absent at the end. */
  readonly cursor?: string | undefined
}
export function storePage<Item>(item: PlainSchema<Item>): PlainSchema<StorePage<Item>> {
  return record<StorePage<Item>>({ items: listOf(item), cursor: optional(text()) })
}
export function askedPage({ cursor, limit }: StorePageInput): PageRequest {
  return { cursor, limit }
}
export function shownPage<Item, Row>({ items, cursor }: Page<Item>, row: (item: Item) => Row): StorePage<Row> {
  return { items: items.map(row), cursor }
}
/** The page of what was asked for by its name. */
export function single<Item>(item: Item | undefined): StorePage<Item> {
  return { items: item === undefined ? [] : [item] }
}

/** What a change came to. */
export interface StoreChange {
  /** Items that were changed or removed. */
  readonly changed: number
}
export const storeChange: PlainSchema<StoreChange> = record<StoreChange>({ changed: whole() })
export function changedOne(isChanged: boolean): StoreChange {
  return { changed: isChanged ? 1 : 0 }
}

/** Why something is changed; it is kept in the audit log. */
export const reason: PlainSchema<string> = text(1, 1_024)
export const name: PlainSchema<string> = text(1, 512)
/** The empty text stands for an app without tenants. */
export const tenant: PlainSchema<string> = text(0, 512)

/** Microseconds of an RFC 3339 text. */
export function usOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Math.max(0, timeUs(time))
}
