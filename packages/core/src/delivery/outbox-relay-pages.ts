// The outbox page after page: while the messages of one are sent, the store already fetches the next one.
import type { OutboxMessage, OutboxStore } from '../stores/outbox/outbox-store.ts'

/** Messages of a page. */
export const pageMessages = 1_000

/** Gives the page after a commit. Errors: `store_*`; a failed fetch ahead is none, the page is then read when it is asked for. */
export function createPages(outbox: OutboxStore): (after: number) => Promise<readonly OutboxMessage[]> {
  let ahead: { readonly after: number; readonly page: Promise<readonly OutboxMessage[] | undefined> } | undefined
  return async (after) => {
    const fetched = ahead?.after === after ? await ahead.page : undefined
    // At the end of the outbox nothing was found ahead; by now there may be more.
    const page = fetched === undefined || fetched.length === 0 ? await outbox.after(after, pageMessages) : fetched
    const last = page.at(-1)
    ahead = undefined
    if (last !== undefined && page.length >= pageMessages)
      ahead = { after: last.commitNo, page: outbox.after(last.commitNo, pageMessages).catch(() => undefined) }
    return page
  }
}
