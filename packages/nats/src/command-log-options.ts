// What a command log on NATS is told, checked once, and how its parts are named there.
import { checkOptions, checkWhole, jsonRecords } from '@gesta/core/ports'
import type { RecordCodec } from '@gesta/core/ports'
import { connectionOptionNames, connectionSettings } from './connection-options.ts'
import type { ConnectionSettings, NatsConnectionOptions } from './connection-options.ts'
import { tokenOf } from './names.ts'
import { checkOneOf } from './stream-options.ts'

export interface NatsCommandLogOptions extends Omit<NatsConnectionOptions, 'format'> {
  /** 1 to 64 letters, digits and `-`: which log of the account, within `prefix`. Default `commands`. */
  readonly log?: string | undefined
  /** How records are written. Those that were written otherwise are read as long as they are JSON. Default `jsonRecords`. */
  readonly codec?: RecordCodec | undefined
  /** Of the streams, when they are made: servers of the cluster that hold a copy, 1 to 5. Default 1. */
  readonly replicas?: number | undefined
  /** `file`, or `memory`, which does not outlive the server. Default `file`. */
  readonly storage?: 'file' | 'memory' | undefined
}
export interface CommandLogSettings extends ConnectionSettings {
  readonly log: string
  readonly codec: RecordCodec
  readonly replicas: number
  readonly storage: 'file' | 'memory'
}

const ownOptionNames = ['log', 'codec', 'replicas', 'storage'] as const

/** Throws plain errors, which show no secret. */
export function commandLogSettings(options: NatsCommandLogOptions): CommandLogSettings {
  const known = [...connectionOptionNames.filter((name) => name !== 'format'), ...ownOptionNames]
  checkOptions(options, known, 'natsCommandLog()')
  const { log = 'commands', codec = jsonRecords, replicas = 1, storage = 'file' } = options
  if (!/^[A-Za-z0-9-]{1,64}$/.test(log))
    throw new Error(`Expected the option log to be 1 to 64 letters, digits and "-", received ${JSON.stringify(log)}.`)
  checkWhole(replicas, 'option replicas', 1, 5)
  checkOneOf(storage, 'storage', ['file', 'memory'])
  return { ...connectionSettings(options), log, codec, replicas, storage }
}

/** A stream, and what its subjects begin with. */
interface StreamName {
  readonly stream: string
  readonly subject: string
}
/** The four parts of a log. `heads` is a key-value bucket by NATS's conventions, for the tools that know these. */
export interface LogNames {
  readonly heads: StreamName
  readonly bodies: StreamName
  readonly places: StreamName
  readonly blocks: StreamName
}

export function logNames({ prefix, log }: Pick<CommandLogSettings, 'prefix' | 'log'>): LogNames {
  const named = (part: string): StreamName =>
    prefix === undefined
      ? { stream: `${log}~${part}`, subject: `${log}~${part}` }
      : { stream: `${prefix}~${log}~${part}`, subject: `${prefix}.${log}~${part}` }
  // The name of a log has no underscore, so no two logs have one bucket.
  const bucket = prefix === undefined ? log : `${prefix}_${log}`
  return {
    heads: { stream: `KV_${bucket}`, subject: `$KV.${bucket}` },
    bodies: named('bodies'),
    places: named('places'),
    blocks: named('blocks'),
  }
}

/** Names one command in all parts: the end of its subjects. */
export function commandToken({ tenant, commandId }: { readonly tenant: string; readonly commandId: string }): string {
  return `${tokenOf(tenant)}.${tokenOf(commandId)}`
}
