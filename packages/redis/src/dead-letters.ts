// The dead letters of a group: entries that were given up, until somebody puts them back or drops them.
import { checkOptions, checkWhole, GestaError, isGestaError } from '@gesta/core/ports'
import type { EnvelopeDraft } from '@gesta/core/ports'
import type { Connection } from './connection.ts'
import { discardLetters, requeueLetters } from './dead-letter-scripts.ts'
import { eventOf } from './entry.ts'
import { runScript } from './script.ts'
import type { Script } from './script.ts'
import type { GroupKeys } from './topic-keys.ts'

export interface DeadLetter {
  /** Names it here; the next one's comes after it. */
  readonly id: string
  /** The entry that it was in the stream of the topic. */
  readonly entryId: string
  /** Absent when it cannot be read. */
  readonly event: EnvelopeDraft | undefined
  /** Deliveries that failed. */
  readonly deliveries: number
  /** Codes and names along the chain of causes, or `its receivers ended`. */
  readonly reason: string
  /** Microseconds UTC. */
  readonly diedAt: number
}

/** Errors: `broker_unavailable`, `broker_closed`. Reference: docs/reference/redis.md. */
export interface DeadLetters {
  /** The oldest ones first; `after` is the id of the last one that was seen, `limit` 1 to 1,000, default 100. */
  list(page?: {
    readonly after?: string | undefined
    readonly limit?: number | undefined
  }): Promise<readonly DeadLetter[]>
  total(): Promise<number>
  /** Puts letters back for this group alone, behind what it did not get yet: those with the ids, or all that are there; how many. */
  requeue(ids?: readonly string[]): Promise<number>
  /** Drops letters for good; how many. */
  discard(ids: readonly string[]): Promise<number>
}

const pageMax = 1000
const place = /^\d+-\d+$/

export function createDeadLetters(connection: Connection, group: string, keys: GroupKeys): DeadLetters {
  const settle = async (script: Script, ids: readonly string[]): Promise<number> => {
    for (const id of ids) checkPlace(id)
    let settled = 0
    for (let at = 0; at < ids.length; at += pageMax) {
      const values = [group, ...ids.slice(at, at + pageMax)]
      settled += Number(await connection.call((client) => runScript(client, script, [keys.stream, keys.dead], values)))
    }
    return settled
  }
  const list: DeadLetters['list'] = async (page = {}) => {
    checkOptions(page, ['after', 'limit'], 'the page of dead letters')
    const { after, limit = 100 } = page
    checkWhole(limit, 'limit of a page', 1, pageMax)
    if (after !== undefined) checkPlace(after)
    const from = after === undefined ? '-' : `(${after}`
    const answer = await connection.call((client) =>
      client.sendCommand(['XRANGE', keys.dead, from, '+', 'COUNT', String(limit)]),
    )
    return (answer as unknown as readonly [string, readonly string[]][]).map(([id, fields]) =>
      letterOf(id, fields, group),
    )
  }
  const idsThere = async (): Promise<readonly string[]> => {
    const ids: string[] = []
    for (;;) {
      const found = await list({ after: ids.at(-1), limit: pageMax })
      ids.push(...found.map(({ id }) => id))
      if (found.length < pageMax) return ids
    }
  }
  return {
    list,
    total: () => connection.call((client) => client.xLen(keys.dead)),
    requeue: async (ids) => settle(requeueLetters, ids ?? (await idsThere())),
    discard: (ids) => settle(discardLetters, ids),
  }
}

/** Four facts, and then the fields of the entry. */
function letterOf(id: string, fields: readonly string[], group: string): DeadLetter {
  const [, entryId = '', , deliveries = '', , reason = '', , at = '', ...entry] = fields
  return { id, entryId, event: readable(entry, group), deliveries: Number(deliveries), reason, diedAt: Number(at) }
}

function readable(fields: readonly string[], group: string): EnvelopeDraft | undefined {
  try {
    return eventOf(fields, group)
  } catch (error) {
    if (isGestaError(error, 'event_unreadable')) return undefined
    throw error
  }
}

function checkPlace(id: string): void {
  if (place.test(id)) return
  throw new GestaError('invalid_key', 'Expected the id of a dead letter, received another text. Take it from the list.')
}
