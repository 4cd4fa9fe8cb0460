// Which stretches of the order have anything to do with a tenant, a type or an hour, so that a list skips the others: a directory of
// subjects `<block>.<kind>.<value>`. Written before a record shows, and the same however often it is written.
//
// A command whose outcome is asked for by something else than its start was, keeps its place, which cannot be changed. So the new subject
// is written here: `<block>.restated.<place>.<tenant>.<type>.<correlation>.<id>`.
import type { CommandFilter, CommandRecord } from '@gesta/core/ports'
import type { LogStreams } from './command-log-streams.ts'
import type { Place } from './command-log-places.ts'
import type { Stretch } from './command-log-reader.ts'
import { tokenOf } from './names.ts'

/** `restated`: the token of the place that the record would have by itself. */
interface NotedPlace {
  readonly place: number
  readonly record: CommandRecord
  readonly restated: string | undefined
}
export interface Blocks {
  /** Resolves when lists find these places. */
  note(places: readonly NotedPlace[]): Promise<void>
  /** Places of commands that lists find by these tokens, as those of `placeTokensOf`, but not by the subject of the place. */
  restated(tokens: string): Promise<readonly Place[]>
  /** The stretches of `extent` that may hold commands of a filter, the first one first. */
  stretches(filter: CommandFilter, extent: Stretch): Promise<readonly Stretch[]>
  /** Forgets stretches before a place; nothing lies there any more. */
  forgetBefore(place: number): Promise<void>
}

/** Places of one block. A list reads whole blocks, so that one command of a page costs at most so many small messages. */
const blockPlaces = 1024
const hourUs = 3_600_000_000
/** Entries that were written are remembered so that they are not written again; the newest ones are enough. */
const rememberedMax = 100_000

export function createBlocks({ names, ask, publish }: LogStreams, placesPerBlock: number = blockPlaces): Blocks {
  const { stream, subject } = names.blocks
  const written = new Set<string>()
  const blockOf = (place: number): number => Math.floor(place / placesPerBlock)
  const entries = async (end: string): Promise<readonly string[]> => {
    const subjects_filter = `${subject}.*.${end}`
    const { state } = await ask((manager) => manager.streams.info(stream, { subjects_filter }))
    return Object.keys(state.subjects ?? {}).map((name) => name.slice(subject.length + 1))
  }
  /** The blocks of all entries that are taken. */
  const blocksOf = async (end: string, take: (value: string) => boolean = () => true): Promise<ReadonlySet<number>> => {
    const found = (await entries(end)).map((entry) => entry.split('.'))
    return new Set(found.filter(([, , value = '']) => take(value)).map(([block]) => Number(block)))
  }
  return {
    note: async (places) => {
      const due = new Set(
        places
          .flatMap(({ place, record: { tenant, commandType, recordedAt }, restated }) => [
            `${blockOf(place)}.tenant.${tokenOf(tenant)}`,
            `${blockOf(place)}.type.${tokenOf(commandType)}`,
            `${blockOf(place)}.hour.${Math.floor(recordedAt / hourUs)}`,
            ...(restated === undefined ? [] : [`${blockOf(place)}.restated.${place}.${restated}`]),
          ])
          .filter((entry) => !written.has(entry)),
      )
      await Promise.all(Array.from(due, (entry) => publish(`${subject}.${entry}`, new Uint8Array())))
      for (const entry of due) written.add(entry)
      for (const entry of written) if (written.size > rememberedMax) written.delete(entry)
    },
    restated: async (tokens) =>
      (await entries(`restated.*.${tokens}`)).map((entry) => {
        const [, , place, tenant, , , commandId] = entry.split('.')
        return { place: Number(place), token: `${tenant}.${commandId}`, storedAt: Infinity, recordedAt: undefined }
      }),
    stretches: async ({ tenant, commandType, from, to }, [first, end]) => {
      const [firstHour, lastHour] = [Math.floor((from ?? 0) / hourUs), ((to ?? Infinity) - 1) / hourUs]
      const within = (hour: string): boolean => Number(hour) >= firstHour && Number(hour) <= lastHour
      const sets = await Promise.all([
        ...(tenant === undefined ? [] : [blocksOf(`tenant.${tokenOf(tenant)}`)]),
        ...(commandType === undefined ? [] : [blocksOf(`type.${tokenOf(commandType)}`)]),
        ...(from === undefined && to === undefined ? [] : [blocksOf('hour.*', within)]),
      ])
      const [smallest, ...others] = sets.toSorted((a, b) => a.size - b.size)
      const every = Array.from({ length: blockOf(end) - blockOf(first) + 1 }, (_, index) => blockOf(first) + index)
      return (smallest === undefined ? every : [...smallest])
        .filter((block) => others.every((set) => set.has(block)))
        .toSorted((a, b) => a - b)
        .map((block): Stretch => [Math.max(first, block * placesPerBlock), Math.min(end, (block + 1) * placesPerBlock)])
        .filter(([start, before]) => start < before)
    },
    forgetBefore: async (place) => {
      const old = new Set(
        (await entries('>')).map((entry) => Number(entry.split('.')[0])).filter((block) => block < blockOf(place)),
      )
      for (const block of old) {
        await ask((manager) => manager.streams.purge(stream, { filter: `${subject}.${block}.>` }))
        for (const entry of written) if (entry.startsWith(`${block}.`)) written.delete(entry)
      }
    },
  }
}
