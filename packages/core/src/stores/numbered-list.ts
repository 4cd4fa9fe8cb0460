// Pages of a list in memory whose items are numbered: events by position, commands by commit number.
import { pageOf } from './page.ts'
import type { AskedPage } from './page.ts'
import type { Page } from './store.ts'

/** A page of the items that match, given in ascending order of `numberOf`. */
export function numberedPage<Item>(
  matching: readonly Item[],
  numberOf: (item: Item) => number,
  newestFirst: boolean,
  asked: AskedPage<readonly [number]>,
): Page<Item> {
  const ordered = newestFirst ? matching.toReversed() : matching
  const [last] = asked.after ?? []
  const rest =
    last === undefined
      ? ordered
      : ordered.filter((item) => (newestFirst ? numberOf(item) < last : numberOf(item) > last))
  const found = rest.slice(asked.offset, asked.offset + asked.limit + 1)
  return pageOf(asked, found, (item) => [numberOf(item)], asked.withTotal ? matching.length : undefined)
}
