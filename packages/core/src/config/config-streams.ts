// The streams of the domain `Config`: what administrators have set, and how each process follows.
import { aggregate } from '../aggregates/aggregate.ts'
import type { Aggregate } from '../aggregates/aggregate.ts'
import type { Event } from '../contracts/messages.ts'
import { projection } from '../read-models/projection.ts'
import type { Projection } from '../read-models/projection.ts'
import { ConfigFollowed, ConfigProcessLeft, ConfigReloadFailed, ConfigSet } from './config-contracts.ts'
import type { ConfigReport, ConfigSetData, NamedValues } from './config-contracts.ts'

/** The id of the one stream of values; its version is that of the configuration. */
export const valuesId = 'values'

export interface ValuesState {
  readonly values: NamedValues
}
export interface ProcessState {
  /** Absent: it has left. */
  readonly report?: ConfigReport | undefined
}
type ProcessEvent =
  | Event<'domain', 'Config.Followed', Omit<ConfigReport, 'failure' | 'leaves'>>
  | Event<
      'domain',
      'Config.ReloadFailed',
      Omit<ConfigReport, 'failure' | 'leaves'> & { readonly failure: NonNullable<ConfigReport['failure']> }
    >
  | Event<'domain', 'Config.ProcessLeft', { readonly process: string }>

const nothing: ValuesState = { values: {} }
export const ConfigValuesStream: Aggregate<
  'ConfigValues',
  ValuesState,
  Event<'domain', 'Config.ValuesSet', ConfigSetData>
> = aggregate('ConfigValues', () => nothing).on(ConfigSet, (_, { values }) => ({ values }))

const unheard: ProcessState = {}
export const ConfigProcessStream: Aggregate<'ConfigProcess', ProcessState, ProcessEvent> = aggregate(
  'ConfigProcess',
  () => unheard,
)
  .on(ConfigFollowed, (_, report) => ({ report }))
  .on(ConfigReloadFailed, (_, report) => ({ report }))
  .on(ConfigProcessLeft, () => ({}))

export const configProcesses: Projection<'ConfigProcess', ProcessState> = projection(ConfigProcessStream)
