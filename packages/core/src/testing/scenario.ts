// Given, when, then: a domain on a store in memory, at a time that stands still. No method is called `then`: `await` would call it.
import assert from 'node:assert/strict'
import type { Aggregate } from '../aggregates/aggregate.ts'
import type { AnyDomain, Domain } from '../app/domain.ts'
import type { AnyContract } from '../contracts/contract.ts'
import type { Category, Command, Event, Job } from '../contracts/messages.ts'
import type { Directory } from '../permissions/directory.ts'
import type { ReadModel } from '../read-models/read-model.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { checkOptions } from '../schema/options.ts'
import { runStage } from './stage.ts'
import type { Ended, Past, Sent } from './stage.ts'

type Message = Event<Category, string, unknown> | Job<string, unknown>
type Details<Value> = [Value] extends [undefined] ? [] : undefined extends Value ? [details?: Value] : [details: Value]

export interface Scenario<Type extends string> {
  /** Adds to what is there before, in this order. */
  given(...past: readonly Past[]): Scenario<Type>
  /** Sends a command once it is asked what came of it. */
  when<Result, Rejections>(command: Command<Type, unknown, Result, Rejections>): Then<Result, Rejections>
  /** Expects the row that a read model makes of what is there; `undefined` for none. Errors: an `AssertionError`. */
  thenRow<Name extends string, Row>(
    model: ReadModel<Name, Row>,
    key: string,
    row: NoInfer<Row> | undefined,
  ): Promise<void>
}
/** What came of a command. Each begins anew from what was given. Errors: an `AssertionError`, and what the command failed with. */
export interface Then<Result, Rejections> {
  /** Just these messages, in this order among the domain's events, the integration events, the presentation events and the jobs. */
  thenEmitted(...messages: readonly Message[]): Promise<void>
  thenResult(result: Result): Promise<void>
  thenRejected<Code extends keyof Rejections & string>(code: Code, ...details: Details<Rejections[Code]>): Promise<void>
}
export interface ScenarioOptions {
  /** Who sends. Default: nobody, who passes the level `anonymous` alone. */
  readonly as?: RequestContext | undefined
  /** Who belongs to which groups. Default: nobody to any. */
  readonly directory?: Directory | undefined
  /** Domains that this one asks, or whose events it hears. */
  readonly beside?: readonly AnyDomain[] | undefined
}

/** Events of one aggregate that are there before, as its folds know them. */
export function past<Name extends string, State, Events>(
  aggregate: Aggregate<Name, State, Events>,
  id: string,
  ...events: readonly NoInfer<Events>[]
): Past {
  return { aggregate: aggregate.name, id, events: events as readonly unknown[] as Past['events'] }
}

/**
 * A domain to be tried out: whole, with its permissions, schemas and read models, on a store in memory. Times and ids are the same in
 * every run. Errors: plain ones, of the domain. Reference: docs/reference/domain-tests.md.
 */
export function scenario<Name extends string, Contract extends AnyContract>(
  domain: Domain<Name, Contract>,
  options: ScenarioOptions = {},
): Scenario<Contract['type']> {
  checkOptions(options, ['as', 'beside', 'directory'], 'scenario()')
  const domains = [domain as AnyDomain, ...(options.beside ?? [])]
  return from([])

  function from(given: readonly Past[]): Scenario<Contract['type']> {
    const run = (sent: Sent): Promise<Ended> =>
      runStage(domains, given, { as: options.as ?? {}, directory: options.directory, sent })
    return {
      given: (...more) => from([...given, ...more]),
      when: (command) => whenSent(() => run({ command })),
      thenRow: async (model, key, row) => {
        const { found } = await run({ row: { model, key } })
        assert.deepEqual(found, row, `The row "${key}" of ${model.name} is another one.`)
      },
    }
  }
}

function whenSent<Result, Rejections>(run: () => Promise<Ended>): Then<Result, Rejections> {
  return {
    thenEmitted: async (...messages) => {
      const { outcome, emitted } = await run()
      accepted(outcome)
      assert.deepEqual(
        sorted(told(emitted, messages)),
        sorted(messages.map(plain)),
        'The command emitted something else.',
      )
    },
    thenResult: async (result) => {
      assert.deepEqual(accepted((await run()).outcome), result, 'The command has another result.')
    },
    thenRejected: async (code, ...details) => {
      const { outcome } = await run()
      assert.ok(outcome !== undefined)
      if (outcome.ok) assert.fail(`Expected the command to be rejected with ${code}, but it was accepted.`)
      const { rejection } = outcome
      assert.equal(rejection.code, code, `Expected the command to be rejected with ${code}: ${rejection.reason}`)
      if (details.length > 0) assert.deepEqual(rejection.details, details[0], 'The rejection has other details.')
    },
  }
}

function accepted(outcome: Ended['outcome']): unknown {
  assert.ok(outcome !== undefined)
  if (outcome.ok) return outcome.result
  const { code, reason, details } = outcome.rejection
  return assert.fail(
    `Expected the command to be accepted, but it was rejected with ${code}: ${reason} ${JSON.stringify(details) ?? ''}`,
  )
}

/** What was emitted, each job with the options of the message that is expected in its place, if it was stored under these. */
function told(emitted: Ended['emitted'], messages: readonly Message[]): readonly unknown[] {
  const expected = messages.filter(({ kind }) => kind === 'job').values() as Iterator<Job<string, unknown>>
  return emitted.map((message) => {
    if (message.kind !== 'job') return message
    const { kind, type, data, has } = message
    const options = (expected.next().value as Job<string, unknown> | undefined)?.options
    if (has(options)) return { kind, type, data, ...(options && { options }) }
    return { kind, type, data, ...(has(undefined) ? undefined : { options: 'other options' }) }
  })
}

/** A message without what its contract adds, as a reader of what was stored has it. */
function plain(message: Message): unknown {
  const { kind, type, data } = message
  const value: unknown = data === undefined ? null : JSON.parse(JSON.stringify(data))
  return 'category' in message
    ? { kind, category: message.category, type, data: value }
    : { kind, type, data: value, ...(message.options && { options: message.options }) }
}

const order = ['domain', 'integration', 'presentation', undefined]

/** Grouped by category: the order between them is nobody's promise. */
function sorted(messages: readonly unknown[]): readonly unknown[] {
  const groups = Map.groupBy(messages as readonly { readonly category?: string }[], ({ category }) => category)
  return order.flatMap((category) => groups.get(category) ?? [])
}
