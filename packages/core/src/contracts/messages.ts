// Messages are plain data: what a contract makes, and what a command answers with.
import type { JobOptions } from './job-options.ts'

/** Trust boundary of an event: kept in the log, sent to other apps, or shown to browsers. */
export type Category = 'domain' | 'integration' | 'presentation'
/** What kind of process or caller runs a contract. Never a person's rights: people have groups. */
export type Role = 'web' | 'api' | 'worker' | 'cron' | 'admin'
export type Kind = 'query' | 'command' | 'event' | 'job'
/** `Domain.Type`: contract, permission, default route and wire name in one string. */
export type ContractType = `${string}.${string}`

// Types only: no message has this property at run time. It is not optional, because exactOptionalPropertyTypes
// would add its own hint to every mismatch.
declare const carries: unique symbol

export interface Command<Type extends string, In, Result, Rejections> {
  readonly kind: 'command'
  readonly type: Type
  readonly data: In
  readonly [carries]: { readonly result: Result; readonly rejections: Rejections }
}
export interface Query<Type extends string, In, Result> {
  readonly kind: 'query'
  readonly type: Type
  readonly data: In
  readonly [carries]: { readonly result: Result }
}
export interface Event<C extends Category, Type extends string, Data> {
  readonly kind: 'event'
  readonly category: C
  readonly type: Type
  readonly data: Data
}
export interface Job<Type extends string, In> {
  readonly kind: 'job'
  readonly type: Type
  readonly data: In
  /** Absent: as the contract has it. */
  readonly options?: JobOptions | undefined
}
/** What may leave a command beside its domain events. */
export type Outgoing = Event<'integration' | 'presentation', string, unknown> | Job<string, unknown>

/** A business no: a value with code, reason and details, distinct from every fault. */
export interface Rejected<Code extends string, Details> {
  readonly rejected: true
  readonly code: Code
  readonly reason: string
  readonly details: Details
}
export type RejectedBy<Rejections> = {
  [Code in keyof Rejections & string]: Rejected<Code, Rejections[Code]>
}[keyof Rejections & string]

/** A yes with a result: what the commit carries, and what the caller gets. */
export interface Accepted<Message, Result> {
  readonly accepted: true
  readonly messages: readonly Message[]
  readonly result: Result
}

/** What a command answers: a result, or a business no. */
export type Answer<Result, Rejections> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly rejection: RejectedBy<Rejections> }

export function isRejected(value: unknown): value is Rejected<string, unknown> {
  return typeof value === 'object' && value !== null && (value as { rejected?: unknown }).rejected === true
}
export function isAccepted(value: unknown): value is Accepted<unknown, unknown> {
  return typeof value === 'object' && value !== null && (value as { accepted?: unknown }).accepted === true
}
