// A place: a broker of the harness's own, how processes reach it, and what can be done to it.
import type { OwnServer, TcpProxy } from '@gesta/services'
import type { BusDescription } from './child/bus.ts'
import type { BrokerOpening } from './protocol.ts'

export const brokers = ['nats', 'redis', 'kafka', 'memory'] as const
export type BrokerName = (typeof brokers)[number]

export interface BrokerPlace extends AsyncDisposable {
  readonly broker: BrokerName
  /** What a process is told. */
  readonly opening: BrokerOpening
  /** The bus, when it is in this process: everybody is here then. */
  readonly here?: BusDescription | undefined
  /** How many consumers a group may have at a time. */
  readonly consumersMax: 1 | 2
  /** Whether a new group gets everything that was ever published, or what is published from then on and perhaps more. */
  readonly late: 'everything' | 'from then on'
  /** Whether one consumer of a group works at a time, or one of each partition: the effects of a key are in order then, whatever happens. */
  readonly inOrder: boolean
  /** In front of the server. Absent: connections cannot be broken. */
  readonly proxy?: TcpProxy | undefined
  /** Absent: it cannot be restarted. */
  readonly server?: Pick<OwnServer, 'stop' | 'start'> | undefined
  /** What this broker cannot be put through, with the reason, for the report. */
  readonly notRun: readonly string[]
  /** How many dead letters a group has. */
  deadLetters(topic: string, group: string): Promise<number>
}
