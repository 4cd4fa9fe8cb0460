// Writes a runtime event stream to one client, as fast as that client reads: what it has not read yet stays in the log.
import type { ServerResponse } from 'node:http'
import type { ShownEvent } from '@gesta/core/host'
import { roomIn } from '../room.ts'

/** Milliseconds after which a client that lost its connection comes back. */
const retryMs = 3_000
/** Characters that are written at once; beyond them a page is written in parts. */
const partLength = 65_536

/** Where a client had to be waited for: the token of the last event that was written, and how many events of the page were. */
export interface Behind {
  readonly after: string
  readonly pageEvents: number
}
/** What is asked of a client that takes nothing: whether it still may, every so many milliseconds. */
export interface Patience {
  readonly recheckMs: number
  /** Errors: `permission_denied`, `permissions_unavailable`. */
  stillMay(): Promise<void>
}
export type Pages = AsyncIterator<readonly ShownEvent[]>

/** The head of the stream. */
export const opening: string = `retry: ${retryMs}\n\n`
export const heartbeat = ': heartbeat\n\n'

export function closing(reason: string): string {
  return `event: close\ndata: {"reason":"${reason}"}\n\n`
}

/**
 * Writes pages until there are no more. When a client keeps the rest of a page waiting, that page was allowed too long ago: `reopen`
 * opens the stream anew behind the last event that was written, which asks for the permission again, with pages as small as this client
 * takes them. One that takes nothing at all keeps its place only for as long as it may. Errors: those of the stream and of `patience`.
 */
export async function feed(
  response: ServerResponse,
  first: Pages,
  reopen: (behind: Behind) => Promise<Pages>,
  patience: Patience,
  signal: AbortSignal,
): Promise<void> {
  let pages = first
  try {
    for (;;) {
      const { done, value } = await pages.next()
      if (done === true || signal.aborted) return
      const behind = await writePage(response, value, patience, signal)
      if (behind === undefined) continue
      await pages.return?.()
      pages = await reopen(behind)
    }
  } finally {
    await pages.return?.()
  }
}

/** Absent: all of it was written. */
async function writePage(
  response: ServerResponse,
  page: readonly ShownEvent[],
  patience: Patience,
  signal: AbortSignal,
): Promise<Behind | undefined> {
  let part = ''
  for (const [index, event] of page.entries()) {
    part += frameOf(event)
    const isLast = index === page.length - 1
    if (!isLast && part.length < partLength) continue
    const hasRoom = response.write(part)
    part = ''
    if (hasRoom) continue
    await roomFor(response, patience, signal)
    if (!isLast) return { after: event.token, pageEvents: index + 1 }
  }
  return undefined
}

async function roomFor(
  response: ServerResponse,
  { recheckMs, stillMay }: Patience,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await roomIn(response, signal, recheckMs)
    if (signal.aborted || !response.writableNeedDrain) return
    await stillMay()
  }
}

function frameOf({ token, ...event }: ShownEvent): string {
  return `id: ${token}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}
