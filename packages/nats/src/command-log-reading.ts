// Reading: one record, and lists in the order of recording. A list reads places, a stretch at a time from its end or its start, then the
// heads of these, and of what matches the bodies.
import { askCommandPage, checkCommandFilter, commandMatcher, GestaError, jsonRecords, pageOf } from '@gesta/core/ports'
import type { CommandFilter, CommandRecord, LogIdentity, Page, PageRequest, RecordCodec } from '@gesta/core/ports'
import type { KeptHead } from './command-log-heads.ts'
import { placeTokensOf } from './command-log-places.ts'
import type { Place } from './command-log-places.ts'
import { commandToken } from './command-log-options.ts'
import type { Stretch } from './command-log-reader.ts'
import type { LogParts } from './command-log-recording.ts'

export interface Reading {
  get(token: string): Promise<CommandRecord | undefined>
  list(filter: CommandFilter, page: PageRequest | undefined): Promise<Page<CommandRecord>>
  total(filter: CommandFilter): Promise<number>
  /** Places that a filter may be about, each with its head if it has one, in the order of the filter. */
  walk(filter: CommandFilter, after?: number): AsyncGenerator<readonly [Place, KeptHead | undefined]>
  /** The record of a head; `undefined` when it was replaced or forgotten meanwhile. */
  load(head: KeptHead, token: string): Promise<CommandRecord | undefined>
}

/** Heads that are asked for at once. */
const headsAtOnce = 100
/** Bytes of the records of one page, about. */
const pageBytesMax = 8_388_608

/** Whether the head makes a record of this place. */
export function isShown(head: KeptHead, { place }: Place): boolean {
  return head.place === place && head.purged !== true
}
/** A log of its own has no commits. */
export function headMatcher(filter: CommandFilter): (head: KeptHead) => boolean {
  const matches = commandMatcher(filter)
  return (head) => matches({ ...head, commitNo: undefined })
}

export function createReading(
  { heads, bodies, places, blocks }: LogParts,
  identity: LogIdentity,
  codec: RecordCodec,
): Reading {
  async function* stretchesOf(filter: CommandFilter, after: number | undefined): AsyncGenerator<readonly Place[]> {
    const { from = 0, to = Infinity } = filter
    const newest = filter.order !== 'oldest'
    const [start, end] = await places.extent()
    const extent: Stretch =
      after === undefined ? [start, end] : newest ? [start, Math.min(end, after)] : [Math.max(start, after + 1), end]
    const tokens = placeTokensOf(filter)
    // The commands of one correlation are few and lie together: they are read at once, whatever else they shall be.
    const stretches = filter.correlationId === undefined ? await blocks.stretches(filter, extent) : [extent]
    const restated = (await Promise.all(tokens.map((token) => blocks.restated(token)))).flat()
    for (const stretch of newest ? stretches.toReversed() : stretches) {
      const read = (await Promise.all(tokens.map((token) => places.read(token, stretch)))).flat()
      const inTime = read.filter(({ recordedAt = from }) => recordedAt >= from && recordedAt < to)
      const here = restated.filter(({ place }) => place >= stretch[0] && place < stretch[1])
      // Some are found in several ways.
      const found = new Map([...inTime, ...here].map((each) => [each.place, each]))
      yield [...found.values()].toSorted((a, b) => (newest ? b.place - a.place : a.place - b.place))
    }
  }
  async function* walk(filter: CommandFilter, after?: number): ReturnType<Reading['walk']> {
    if (filter.statuses?.length === 0) return
    for await (const found of stretchesOf(filter, after))
      for (let at = 0; at < found.length; at += headsAtOnce) {
        const slice = found.slice(at, at + headsAtOnce)
        const kept = await Promise.all(slice.map(({ token }) => heads.get(token)))
        for (const [index, place] of slice.entries()) yield [place, kept[index]]
      }
  }
  async function* matching(filter: CommandFilter, after?: number): AsyncGenerator<KeptHead> {
    const matches = headMatcher(filter)
    for await (const [place, head] of walk(filter, after))
      if (head !== undefined && isShown(head, place) && matches(head)) yield head
  }
  const decode = (bytes: Uint8Array, { codec: name, commandId }: KeptHead): CommandRecord => {
    const found = [codec, jsonRecords].find((each) => each.name === name)
    if (found !== undefined) return found.decode(bytes)
    throw new GestaError(
      'store_foreign',
      `Expected records of the codec ${codec.name} in the command log, received one of ${name}. Open the log with that codec.`,
      { facts: { commandId } },
    )
  }
  const load: Reading['load'] = async (head, token) => {
    const bytes = await bodies.read(head.body)
    if (bytes !== undefined) return decode(bytes, head)
    const now = await heads.get(token)
    if (now === undefined || now.purged === true) return undefined
    if (now.revision !== head.revision) return load(now, token)
    throw new GestaError(
      'store_foreign',
      `Expected the command log to hold the record of the command ${head.commandId}, but a piece of it is gone. Look who deletes from the stream of bodies.`,
      { facts: { commandId: head.commandId } },
    )
  }
  const total = async (filter: CommandFilter): Promise<number> => {
    checkCommandFilter(filter)
    let count = 0
    for await (const _ of matching(filter)) count += 1
    return count
  }
  return {
    walk,
    load,
    total,
    get: async (token) => {
      const head = await heads.get(token)
      return head === undefined || head.purged === true ? undefined : load(head, token)
    },
    list: async (filter, page) => {
      checkCommandFilter(filter)
      const asked = askCommandPage(filter, page, identity)
      const found: KeptHead[] = []
      let skipped = 0
      let bytes = 0
      // One more than the page holds says that it is not the last one.
      for await (const head of matching(filter, asked.after?.[0])) {
        if ((skipped += 1) <= asked.offset) continue
        found.push(head)
        if (found.length > asked.limit || bytes > pageBytesMax) break
        bytes += head.bytes
      }
      const limit = bytes > pageBytesMax ? Math.min(asked.limit, Math.max(1, found.length - 1)) : asked.limit
      const { items, ...rest } = pageOf(
        { ...asked, limit },
        found,
        ({ place }) => [place],
        asked.withTotal ? await total(filter) : undefined,
      )
      const records = await Promise.all(items.map((head) => load(head, commandToken(head))))
      return { items: records.filter((record) => record !== undefined), ...rest }
    },
  }
}
