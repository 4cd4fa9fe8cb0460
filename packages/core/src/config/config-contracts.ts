// The contracts of the domain `Config`. Reference: docs/reference/configuration.md.
import type { CommandContract, DomainEventContract, QueryContract } from '../contracts/contract.ts'
import { command, event, query } from '../contracts/define.ts'
import { anyValue, flag, listOf, mapOf, oneOf, optional, record, text, time, whole } from '../schema/plain-schema.ts'
import type { PlainSchema } from '../schema/plain-schema.ts'
import type { ShownKey } from './config.ts'
import type { ConfigProblem } from './problems.ts'

/** JSON values by path. */
export interface NamedValues {
  readonly [path: string]: unknown
}
export interface SetConfigInput {
  /** New values by key. A key that is marked secret takes a reference only. */
  readonly values?: NamedValues | undefined
  /** Keys whose value is to come from the other sources again. */
  readonly remove?: readonly string[] | undefined
  /** Only while this is still the newest version, which the caller has seen; 0: nothing was ever set. */
  readonly ifVersion?: number | undefined
  /** Why, for the history. */
  readonly reason?: string | undefined
}
export interface RollbackConfigInput {
  /** Whose values are to hold again; 0: none are set. */
  readonly version: number
  readonly reason?: string | undefined
}
interface StoredVersion {
  /** What was stored; what processes made of it is asked by `Config.Processes`. */
  readonly version: number
}
interface ConfigRejections {
  readonly invalid: { readonly problems: readonly ConfigProblem[] }
}
interface SetRejections extends ConfigRejections {
  /** `version`: the newest one. */
  readonly changed: { readonly version: number }
}
interface RollbackRejections extends ConfigRejections {
  readonly unknown_version: undefined
}
export interface ShownConfig {
  /** Of the process that answers. */
  readonly process?: string | undefined
  readonly keys: readonly ShownKey[]
  /** Of what administrators have set, in force in this process. */
  readonly version: number
}
export interface ConfigVersion {
  readonly version: number
  /** RFC 3339, UTC. */
  readonly at: string
  readonly tenant?: string | undefined
  readonly identity?: string | undefined
  readonly reason?: string | undefined
  /** All that was set then, by key. */
  readonly values: NamedValues
  readonly changed: readonly string[]
}
export interface ConfigHistory {
  /** Newest first. */
  readonly items: readonly ConfigVersion[]
  readonly hasMore: boolean
}
export interface ConfigHistoryInput {
  /** Only what came before this version. */
  readonly before?: number | undefined
  /** 1 to 1,000; default 100. */
  readonly limit?: number | undefined
}
export interface ConfigProcess {
  readonly process: string
  /** `pending`: it has not answered, or has keys that wait for a restart. */
  readonly state: 'applied' | 'refused' | 'pending'
  /** The version of the stored values that it has. */
  readonly version: number
  /** RFC 3339, UTC: since when its values are in force. */
  readonly since: string
  /** When it said so last. */
  readonly reportedAt: string
  readonly pendingKeys: readonly string[]
  /** The last reload that failed, until one succeeds: codes and keys. */
  readonly failure?: { readonly at: string; readonly reason: string } | undefined
}
export interface ConfigProcesses {
  readonly version: number
  /** Whether there are processes, every one has it, and none has keys that wait. */
  readonly isConverged: boolean
  readonly processes: readonly ConfigProcess[]
}
export interface ProcessesInput {
  /** Default: the newest one. */
  readonly version?: number | undefined
  /** Milliseconds to wait at most until every process has answered, 0 to 30,000. Default 0. */
  readonly waitMs?: number | undefined
}
/** What a process tells of itself. */
export interface ConfigReport {
  readonly process: string
  /** Of a process that was given no name: who has taken this one. Absent: the name is its own, and whoever had it is gone. */
  readonly instance?: string | undefined
  readonly version: number
  readonly since: string
  readonly pendingKeys: readonly string[]
  /** Absent: all is well. `version`: what it tried to take. */
  readonly failure?: { readonly version: number; readonly at: string; readonly reason: string } | undefined
  /** Whether it stops. */
  readonly leaves?: boolean | undefined
}

const path = text(1, 512)
const paths = listOf(path, 1_000)
const reason = optional(text(0, 2_000))
const kinds = ['unknown_key', 'invalid_value', 'missing_value', 'unreadable_source', 'unresolved_secret'] as const
const problem: PlainSchema<ConfigProblem> = record<ConfigProblem>({
  problem: oneOf(kinds),
  key: optional(text()),
  source: optional(text()),
  where: optional(text()),
  expected: optional(text()),
  received: optional(text()),
  hint: optional(text()),
})
const invalid = {
  reason: 'The values do not fit the configuration.',
  details: record<ConfigRejections['invalid']>({ problems: listOf(problem) }),
} as const
const stored: PlainSchema<StoredVersion> = record<StoredVersion>({ version: whole(0) })
const shownKey: PlainSchema<ShownKey> = record<ShownKey>({
  key: text(),
  value: text(),
  source: text(),
  where: optional(text()),
  reload: oneOf(['hot', 'restart']),
  secret: flag,
  pending: flag,
})
const process: PlainSchema<ConfigProcess> = record<ConfigProcess>({
  process: text(),
  state: oneOf(['applied', 'refused', 'pending']),
  version: whole(0),
  since: time,
  reportedAt: time,
  pendingKeys: listOf(text()),
  failure: optional(record<NonNullable<ConfigProcess['failure']>>({ at: time, reason: text() })),
})

export const SetConfig: CommandContract<'Config.Set', SetConfigInput, StoredVersion, SetRejections> = command(
  'Config.Set',
  {
    description: 'Set values of the configuration',
    input: record<SetConfigInput>({
      values: optional(mapOf(anyValue)),
      remove: optional(paths),
      ifVersion: optional(whole(0)),
      reason,
    }),
    result: stored,
    rejections: { invalid, changed: { reason: 'Somebody else has set values since.', details: stored } },
    // Somebody may send a secret by mistake; it is refused, and recorded nowhere.
    redact: { values: 'secret' },
    audited: true,
  },
)
export const RollbackConfig: CommandContract<
  'Config.Rollback',
  RollbackConfigInput,
  StoredVersion,
  RollbackRejections
> = command('Config.Rollback', {
  description: 'Put the configuration back to an earlier version',
  input: record<RollbackConfigInput>({ version: whole(0), reason }),
  result: stored,
  rejections: { invalid, unknown_version: 'There is no such version.' },
  audited: true,
})
export const ShowConfig: QueryContract<'Config.Show', void, ShownConfig> = query('Config.Show', {
  description: 'See the configuration of a process, secrets hidden',
  result: record<ShownConfig>({ process: optional(text()), keys: listOf(shownKey), version: whole(0) }),
  history: false,
})
export const ReadConfigHistory: QueryContract<'Config.History', ConfigHistoryInput, ConfigHistory> = query(
  'Config.History',
  {
    description: 'See what administrators have set, and when',
    input: record<ConfigHistoryInput>({ before: optional(whole(1)), limit: optional(whole(1, 1_000)) }),
    result: record<ConfigHistory>({
      items: listOf(
        record<ConfigVersion>({
          version: whole(1),
          at: time,
          tenant: optional(text()),
          identity: optional(text()),
          reason,
          values: mapOf(anyValue),
          changed: listOf(text()),
        }),
      ),
      hasMore: flag,
    }),
    history: false,
  },
)
export const ListConfigProcesses: QueryContract<'Config.Processes', ProcessesInput, ConfigProcesses> = query(
  'Config.Processes',
  {
    description: 'See which process has which version of the configuration',
    input: record<ProcessesInput>({ version: optional(whole(0)), waitMs: optional(whole(0, 30_000)) }),
    result: record<ConfigProcesses>({ version: whole(0), isConverged: flag, processes: listOf(process) }),
    history: false,
  },
)

const failure = record<NonNullable<ConfigReport['failure']>>({ version: whole(0), at: time, reason: text(0, 2_000) })
/** Of processes alone. */
export const ReportConfig: CommandContract<'Config.Report', ConfigReport, void, { readonly taken: undefined }> =
  command('Config.Report', {
    description: 'Tell how a process follows the configuration; processes do so themselves',
    input: record<ConfigReport>({
      process: text(1, 256),
      instance: optional(text(1, 256)),
      version: whole(0),
      since: time,
      pendingKeys: paths,
      failure: optional(failure),
      leaves: optional(flag),
    }),
    rejections: { taken: 'Another process is called so.' },
  })
/** Of processes alone. */
export const StoredConfig: QueryContract<'Config.Stored', void, { version: number; values: NamedValues }> = query(
  'Config.Stored',
  {
    description: 'Read what administrators have set; processes do so themselves',
    result: record<{ version: number; values: NamedValues }>({ version: whole(0), values: mapOf(anyValue) }),
    history: false,
  },
)

export interface ConfigSetData {
  /** All that is set now, by key. */
  readonly values: NamedValues
  readonly changed: readonly string[]
  readonly reason?: string | undefined
}
/** An administrator has changed the configuration. */
export const ConfigSet: DomainEventContract<'Config.ValuesSet', ConfigSetData> = event(
  'Config.ValuesSet',
  record<ConfigSetData>({ values: mapOf(anyValue), changed: listOf(text()), reason }),
)
type FollowedData = Omit<ConfigReport, 'failure' | 'leaves'>
const followed = {
  process: text(),
  instance: optional(text()),
  version: whole(0),
  since: time,
  pendingKeys: listOf(text()),
}
/** A process has taken a version, or tells that it is still there. */
export const ConfigFollowed: DomainEventContract<'Config.Followed', FollowedData> = event(
  'Config.Followed',
  record<FollowedData>(followed),
)
type FailedData = FollowedData & { readonly failure: NonNullable<ConfigReport['failure']> }
/** A reload of a process failed; it goes on with the values that it has. */
export const ConfigReloadFailed: DomainEventContract<'Config.ReloadFailed', FailedData> = event(
  'Config.ReloadFailed',
  record<FailedData>({ ...followed, failure }),
)
/** A process has stopped. */
export const ConfigProcessLeft: DomainEventContract<'Config.ProcessLeft', { readonly process: string }> = event(
  'Config.ProcessLeft',
  record<{ readonly process: string }>({ process: text() }),
)
