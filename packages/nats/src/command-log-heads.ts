// The truth about each command: one small value under (tenant, command id), changed only by whoever has seen its last revision. What it
// does not name is not there, whatever else lies in the streams.
import type { CommandRecord } from '@gesta/core/ports'
import { eraseMessage } from './command-log-bodies.ts'
import type { LogStreams } from './command-log-streams.ts'

/** What lists ask for, and where the rest lies. */
export interface Head extends Pick<
  CommandRecord,
  'tenant' | 'commandId' | 'commandType' | 'status' | 'recordedAt' | 'context'
> {
  /** Its place in the order of recording: a sequence in the stream of places. */
  readonly place: number
  /** Where the pieces of the record lie in the stream of bodies, in their order, and how many bytes they have together. */
  readonly body: readonly number[]
  readonly bytes: number
  /** The name of the codec that has written them. */
  readonly codec: string
  /** It is being forgotten: no reader shows it. */
  readonly purged?: true | undefined
}
export interface KeptHead extends Head {
  readonly revision: number
}

/** What a head says of its record. */
export function headFacts(record: CommandRecord): Omit<Head, 'place' | 'body' | 'bytes' | 'codec'> {
  const { tenant, commandId, commandType, status, recordedAt } = record
  const { correlationId, identity, account } = JSON.parse(record.context) as { readonly [name: string]: unknown }
  const context = JSON.stringify({ correlationId, identity, account })
  return { tenant, commandId, commandType, status, recordedAt, context }
}

export interface Heads {
  /** Also of one that is being forgotten. `token`: of `commandToken`. */
  get(token: string): Promise<KeptHead | undefined>
  /** Replaces `revision` (0: there was none), in the order of calls; the new revision, or `undefined` when that was not the last one. */
  put(token: string, head: Head, revision: number): Promise<number | undefined>
  /** Takes this revision away, if it is still there. */
  drop(revision: number): Promise<void>
  /** Makes it what it was before `revision`. */
  restore(token: string, before: KeptHead | undefined, revision: number): Promise<void>
  count(): Promise<number>
  /** A value that is the same for all who open the log: what is there, or else `made`. */
  agree(name: string, made: string): Promise<string>
}

export function createHeads({ names, ask, publish }: LogStreams): Heads {
  const { stream, subject } = names.heads
  const subjectOf = (token: string): string => `${subject}.record.${token}`
  const last = (last_by_subj: string) => ask((manager) => manager.streams.getMessage(stream, { last_by_subj }))
  const put: Heads['put'] = (token, head, revision) =>
    publish(subjectOf(token), Buffer.from(JSON.stringify(head)), revision)
  const drop: Heads['drop'] = (revision) => ask((manager) => eraseMessage(manager, stream, revision))
  return {
    get: async (token) => {
      const found = await last(subjectOf(token))
      return found === null ? undefined : { ...found.json<Head>(), revision: found.seq }
    },
    put,
    drop,
    restore: async (token, before, revision) => {
      if (before === undefined) return drop(revision)
      const { revision: _, ...head } = before
      await put(token, head, revision)
    },
    count: async () => {
      const { state } = await ask((manager) => manager.streams.info(stream))
      // One of them is what all agree on.
      return Math.max(0, state.messages - 1)
    },
    agree: async (name, made) => {
      const place = `${subject}.${name}`
      const found = await last(place)
      if (found !== null) return found.string()
      if ((await publish(place, Buffer.from(made), 0)) !== undefined) return made
      return (await last(place))?.string() ?? made
    },
  }
}
