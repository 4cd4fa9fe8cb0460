// Repairs of an outbox go step by step, so that one of any size holds neither commits nor a relay up for longer than a moment.
import type { MessagePlace } from './outbox-store.ts'

type Change = (places: readonly MessagePlace[]) => Promise<number>

/** Changes the places of a list, `perStep` at a time; the sum of what `change` answers. */
export async function changePlaces(places: readonly MessagePlace[], perStep: number, change: Change): Promise<number> {
  let count = 0
  for (let from = 0; from < places.length; from += perStep) {
    const step = places.slice(from, from + perStep)
    count += await change(step.map(({ commitNo, index }) => ({ commitNo, index })))
  }
  return count
}

/** Changes the places that `pageAfter` finds behind a place, in order, at most `perStep` at a time; the sum of what `change` answers. */
export async function changeFound(
  pageAfter: (last: MessagePlace) => Promise<readonly MessagePlace[]>,
  perStep: number,
  change: Change,
): Promise<number> {
  let count = 0
  for (let last: MessagePlace | undefined = { commitNo: 0, index: -1 }; last !== undefined;) {
    const page = await pageAfter(last)
    if (page.length > 0) count += await change(page)
    last = page.length < perStep ? undefined : page.at(-1)
  }
  return count
}
