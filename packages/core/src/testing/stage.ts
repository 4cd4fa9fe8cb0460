// One run of a scenario: an app is started on what is there before, is sent one command or asked for one row, and stopped.
import { catalogueOf } from '../app/catalogue.ts'
import type { Catalogue } from '../app/catalogue.ts'
import { domain } from '../app/domain.ts'
import type { AnyDomain } from '../app/domain.ts'
import { start } from '../app/start.ts'
import { decode, encode } from '../codec/json.ts'
import { query } from '../contracts/define.ts'
import type { JobOptions } from '../contracts/job-options.ts'
import type { Category, Command, Event } from '../contracts/messages.ts'
import { handle } from '../dispatch/handler.ts'
import type { Outcome } from '../dispatch/handler.ts'
import { termsOf } from '../dispatch/job-terms.ts'
import { outgoingKey } from '../dispatch/outgoing.ts'
import type { Directory } from '../permissions/directory.ts'
import { subscriber } from '../pump/subscriber.ts'
import type { Readable, Rows } from '../read-models/read-model.ts'
import { tenantOf } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { BackendRuntime, OpenBackend } from '../stores/backend.ts'
import type { Commit } from '../stores/commit.ts'
import { memory } from '../stores/memory-backend.ts'
import { createFakeClock, fakeRuntime } from './fake-clock.ts'

/** Events that are there before. */
export interface Past {
  readonly aggregate: string
  readonly id: string
  readonly events: readonly Event<'domain', string, unknown>[]
}
export interface Sent {
  readonly command?: Command<string, unknown, unknown, unknown>
  readonly row?: { readonly model: { readonly name: string }; readonly key: string }
}
export interface Cast {
  readonly as: RequestContext
  readonly directory: Directory | undefined
  readonly sent: Sent
}
interface EmittedEvent {
  readonly kind: 'event'
  readonly category: Category
  readonly type: string
  readonly data: unknown
}
interface EmittedJob {
  readonly kind: 'job'
  readonly type: string
  readonly data: unknown
  /** Whether a message with these options would have been stored under the same terms. */
  readonly has: (options: JobOptions | undefined) => boolean
}
export interface Ended {
  readonly outcome: Outcome<unknown, { readonly [code: string]: unknown }> | undefined
  /** Plain messages: `{ kind, category?, type, data }`. */
  readonly emitted: readonly (EmittedJob | EmittedEvent)[]
  readonly found: unknown
}

/** The stage's own domain: it hears every event, and looks up the row that is asked for. */
const ownDomain = 'GestaScenario'
const anything = {
  '~standard': { version: 1, vendor: 'gesta', validate: (value: unknown) => ({ value: value as never }) },
} as const
const findRow = query(`${ownDomain}.FindRow`, { result: anything })

/** Errors: those of the domain's set-up, of dispatching and of querying. */
export async function runStage(domains: readonly AnyDomain[], given: readonly Past[], cast: Cast): Promise<Ended> {
  const clock = createFakeClock()
  const runtime = fakeRuntime(clock)
  return clock.finish(play(domains, given, cast, runtime))
}

async function play(
  domains: readonly AnyDomain[],
  given: readonly Past[],
  { as, sent, directory }: Cast,
  runtime: BackendRuntime,
): Promise<Ended> {
  const emitted: Ended['emitted'][number][] = []
  let heard = 0
  const own = domain(ownDomain, {
    permissions: 'anonymous',
    handlers: [
      handle(findRow, async (_, { read }) => {
        const { model, key } = sent.row ?? { model: { name: '' }, key: '' }
        return ((await read(model as Readable<Rows<unknown>>).get(key)) ?? null) as never
      }),
    ],
    subscribers: [
      subscriber(`${ownDomain}.Hear`, { durable: false }).onAny((_, { event: { type, data, position } }) => {
        emitted.push({ kind: 'event', category: 'domain', type, data })
        heard = position
      }),
    ],
  })
  const known = catalogueOf([...domains, own])
  // A scenario has no operator for what is parked: what a handler throws is to be seen.
  const readModels = known.readModels.map((model) => ({ ...model, onFailure: 'stop' as const }))
  // What process managers and crons do is none of what a command emits.
  const catalogue: Catalogue = { ...known, readModels, processes: [], crons: [] }
  const opened = await memory().open(runtime)
  await storePast(opened, catalogue, given, tenantOf(as), runtime)
  const hearing = opened.events.onAppend((stored) => {
    for (const { commit } of stored) emitted.push(...leaving(commit, catalogue))
  })
  await using running = await start<string, string>(
    'scenario',
    catalogue,
    {
      store: { backend: 'memory', open: async () => opened },
      directory,
      // What a job does is no part of what the command decided.
      jobs: { enabled: false },
      encryption: { secrets: [{ id: 'scenario', secret: 'a secret of tests, which seals nothing real' }] },
      fanout: {
        sendPresentationEvents: async (events) => {
          for (const { type, value } of events)
            emitted.push({ kind: 'event', category: 'presentation', type, data: value })
        },
      },
    },
    runtime,
  )
  using _ = hearing
  const { command } = sent
  const outcome = command && (await running.dispatch(command, { context: as }))
  const head = await opened.events.head()
  const before = given.reduce((sum, { events }) => sum + events.length, 0)
  while (head > before && heard < head) await new Promise<void>((resolve) => runtime.clock.after(1, resolve))
  await running.caughtUp()
  const found = sent.row && ((await running.query(findRow(), { context: as })) ?? undefined)
  return { outcome: outcome as Ended['outcome'], emitted, found }
}

function leaving({ messages, jobs, recordedAt }: Commit, { outgoing }: Catalogue): Ended['emitted'] {
  return [
    ...messages.map(
      ({ type, data }) => ({ kind: 'event', category: 'integration', type, data: decode(data) }) as const,
    ),
    ...jobs.map(({ type, data, terms }) => ({
      kind: 'job' as const,
      type,
      data: decode(data),
      has: (options: JobOptions | undefined) =>
        termsOf(outgoing.get(outgoingKey({ kind: 'job', type })) ?? {}, { type, options }, recordedAt) === terms,
    })),
  ]
}

async function storePast(
  { events: store }: OpenBackend,
  { events: contracts }: Catalogue,
  given: readonly Past[],
  tenant: string,
  { clock, ids }: BackendRuntime,
): Promise<void> {
  for (const { aggregate, id, events } of given) {
    if (events.length === 0) continue
    await store.commit({
      commandId: ids.newId(),
      tenant,
      context: '{}',
      recordedAt: clock.nowUs(),
      streams: [
        {
          aggregateType: aggregate,
          aggregateId: id,
          expectation: 'any',
          events: events.map(({ type, data }) => ({
            type,
            schemaVersion: contracts.get(type)?.schemaVersion ?? 1,
            data: encode(data, `the event ${type} of the past`),
          })),
        },
      ],
      reads: [],
      header: {
        commandType: `${ownDomain}.Past`,
        outcome: 'accepted',
        answer: undefined,
        version: undefined,
        fingerprint: undefined,
      },
      idempotency: undefined,
      messages: [],
      jobs: [],
      audit: [],
    })
  }
}
