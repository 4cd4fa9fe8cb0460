// Starts an app: opens the store, wires the engines, orders the middleware. The only place that does.
import { availableParallelism } from 'node:os'
import { checkCommandLogOptions } from '../command-log/check-options.ts'
import type { CommandLogOptions } from '../command-log/options.ts'
import { createCommandRecording } from '../command-log/recording.ts'
import type { Role } from '../contracts/messages.ts'
import { createAggregateQueue } from '../dispatch/aggregate-queue.ts'
import { createAggregateStates } from '../dispatch/aggregate-states.ts'
import type { Engine } from '../dispatch/engine.ts'
import { createGate } from '../dispatch/gate.ts'
import { createPresenter } from '../dispatch/present.ts'
import { idempotencyPolicy } from '../idempotency/middleware.ts'
import { createSnapshots } from '../dispatch/snapshots.ts'
import type { Observe } from '../observation/observation.ts'
import { checkAuditOptions } from '../audit/options.ts'
import type { AuditOptions } from '../audit/options.ts'
import type { Directory } from '../permissions/directory.ts'
import type { PermissionOptions } from '../permissions/options.ts'
import { outboxSettings } from '../delivery/outbox-relay-options.ts'
import type { OutboxOptions } from '../delivery/outbox-relay-options.ts'
import { createPump } from '../pump/pump.ts'
import { openReadModels } from '../pump/read-models.ts'
import { stoppedApp } from '../pump/read-model-errors.ts'
import { createViews } from '../pump/views.ts'
import type { Fanout } from '../registry/delivery-ports.ts'
import { declareEvent, enlist } from '../registry/enlist.ts'
import { createRegistry } from '../registry/registry.ts'
import { roles as knownRoles } from '../registry/roles.ts'
import { boundHandler } from '../runtime-domain/introspecting.ts'
import type { Introspection } from '../runtime-domain/introspection.ts'
import { checkOptions } from '../schema/options.ts'
import type { BackendRuntime, OpenBackend } from '../stores/backend.ts'
import { checkWhole } from '../stores/check-text.ts'
import { createEventDecoder } from '../stores/event/event-decoder.ts'
import { createTokens } from '../stores/event/token.ts'
import { createAlarms } from '../time/alarms.ts'
import type { Catalogue } from './catalogue.ts'
import { askedBy, marksOf, openAppCommandLog } from './command-log.ts'
import { openEncryption, wrappingOf } from './encryption.ts'
import type { Encryption, EncryptionOptions } from './encryption.ts'
import { openErasing } from './erasing.ts'
import { openOutbox } from './outbox.ts'
import { checkBroker } from './open-broker.ts'
import type { AppBroker } from './open-broker.ts'
import { openAudit } from './audit.ts'
import { checkPermissionOptions, openPermissions } from './permissions.ts'
import { openStores } from './open-stores.ts'
import { openViewStores } from './view-stores.ts'
import type { StoreOptions } from './open-stores.ts'
import type { Parts } from './parts.ts'
import { checkIdempotencyOptions, startRetention } from './retention.ts'
import type { IdempotencyOptions } from './retention.ts'
import { openIntrospection } from './introspection.ts'
import { partitionWorkers } from './partition-workers.ts'
import { run } from './run.ts'
import { checkSources } from './source-workers.ts'
import type { AppSource } from './source-workers.ts'
import { openSubscribing } from './subscribing.ts'
import type { Running } from './running.ts'
import { systemRuntime } from './system.ts'

export interface StartOptions extends StoreOptions {
  /** What kind of process this is; its contracts' roles are enforced. Default: none, for tests and scripts. */
  readonly role?: Role | undefined
  /** Stops the app when it aborts. */
  readonly signal?: AbortSignal | undefined
  /** Called with every observation; keep it quick, it runs on the hot path. */
  readonly observe?: Observe | undefined
  /** Where presentation events go after the commit. Default: nowhere. */
  readonly fanout?: Fanout | undefined
  /**
   * Where integration events go: a broker, or the description of one, which the app opens and closes. In a process without a role, or
   * with the role `worker`, a relay sends what commands leave in the outbox. Default: it stays there until one is given.
   */
  readonly broker?: AppBroker | undefined
  /** How the relay sends. Reference: docs/reference/outbox.md. */
  readonly outbox?: OutboxOptions | undefined
  /**
   * Where integration events come from. In a process without a role, or with the role `worker`, each is worked on for the app's
   * subscribers; in others it is left alone. Default: none.
   */
  readonly sources?: readonly AppSource[] | undefined
  /** Aggregates whose folded state is kept in memory, 0 for none. Default 10,000. */
  readonly cachedAggregatesMax?: number | undefined
  /**
   * Threads that build one view together, 0 to 64, for read models with `partitionBy` and `module`; fewer than two build nothing.
   * Default: as many as the machine has processors beside two, at most 4.
   */
  readonly restoreWorkers?: number | undefined
  /** The secrets that personal data is sealed by. Needed as soon as an event has personal fields. Default: nothing is sealed. */
  readonly encryption?: EncryptionOptions | undefined
  /**
   * What is recorded of commands, and for how long. `false`: no more than it takes to repeat a command, and nothing of refused ones.
   * Reference: docs/reference/command-log.md.
   */
  readonly commandLog?: CommandLogOptions | false | undefined
  /**
   * Who belongs to which groups and workspaces. Default: nobody to any, so what asks for an identity's groups is denied.
   * Reference: docs/reference/permissions.md.
   */
  readonly directory?: Directory | undefined
  /** How permissions are looked at. Reference: docs/reference/permissions.md. */
  readonly permissions?: PermissionOptions | undefined
  /** What the audit log needs. Reference: docs/reference/audit.md. */
  readonly audit?: AuditOptions | undefined
  /** The version of the application, for people who look at it. Default: none. */
  readonly version?: string | undefined
  /** How long idempotency keys are kept. Reference: docs/reference/idempotency.md. */
  readonly idempotency?: IdempotencyOptions | undefined
}
const optionNames = [
  'store',
  'data',
  'cache',
  'log',
  'role',
  'signal',
  'observe',
  'fanout',
  'broker',
  'outbox',
  'sources',
  'cachedAggregatesMax',
  'restoreWorkers',
  'encryption',
  'commandLog',
  'idempotency',
  'directory',
  'permissions',
  'audit',
  'version',
] as const

const cachedAggregatesDefault = 10_000
const tailBytesMax = 4 * 1024 * 1024
const pollMs = 250

/** Starts what the domains add up to. Errors: `store_*`; `key_unreadable`; the signal's reason. */
export async function start<CommandType extends string, QueryType extends string>(
  name: string,
  catalogue: Catalogue,
  options: StartOptions,
  runtime: BackendRuntime = systemRuntime(),
): Promise<Running<CommandType, QueryType>> {
  checkStartOptions(name, options)
  const wrapping = wrappingOf(name, catalogue, options.encryption)
  options.signal?.throwIfAborted()
  const backend = await openStores(options, runtime)
  const parts = await openEncryption(backend, wrapping, options.encryption, runtime)
    .then((encryption) => wire(name, catalogue, options, runtime, encryption?.backend ?? backend, encryption))
    .catch(async (error: unknown) => {
      await backend[Symbol.asyncDispose]()
      throw error
    })
  if (options.signal?.aborted === true) {
    await parts.subscribing.stop()
    await parts.stop()
    options.signal.throwIfAborted()
  }
  return run(name, parts, options.signal)
}

function checkStartOptions(name: string, options: StartOptions): void {
  checkOptions(options, optionNames, `start() of the app ${name}`)
  const { role, cachedAggregatesMax = 0, restoreWorkers = 0, outbox = {}, sources = [], broker, fanout } = options
  const { commandLog, idempotency = {} } = options
  if (commandLog !== undefined && commandLog !== false) checkCommandLogOptions(commandLog, name)
  checkIdempotencyOptions(idempotency, name)
  checkAuditOptions(options.audit ?? {}, name)
  checkWhole(restoreWorkers, 'option restoreWorkers', 0, 64)
  checkSources(sources)
  checkBroker(broker)
  if (fanout !== undefined && typeof fanout.sendPresentationEvents !== 'function')
    throw new Error('Expected fanout to have sendPresentationEvents, received something else.')
  outboxSettings(outbox, name)
  checkPermissionOptions(options.permissions ?? {}, options.directory, name)
  if (role !== undefined && !knownRoles.includes(role))
    throw new Error(`Expected role to be one of ${knownRoles.join(', ')}, received "${role}".`)
  if (!Number.isSafeInteger(cachedAggregatesMax) || cachedAggregatesMax < 0) {
    throw new Error(`Expected cachedAggregatesMax to be a whole number from 0, received ${cachedAggregatesMax}.`)
  }
}

/** One processor is for the app, one for the store. */
function workersDefault(): number {
  return Math.min(4, availableParallelism() - 2)
}

async function wire(
  name: string,
  catalogue: Catalogue,
  options: StartOptions,
  runtime: BackendRuntime,
  backend: OpenBackend,
  encryption: Encryption | undefined,
): Promise<Parts> {
  const { clock, ids } = runtime
  const commandLogOptions = options.commandLog === false ? undefined : (options.commandLog ?? {})
  const { events: store, snapshots: snapshotStore } = backend
  const sealing = encryption?.sealing
  const registry = createRegistry({ observe: options.observe, newId: ids.newId })
  // No message comes before all is wired.
  const introspection = (): Introspection => introspected.introspection
  for (const { contract, handler, roles } of catalogue.handlers)
    enlist(registry, contract, boundHandler(handler, introspection), roles)
  for (const contract of catalogue.outgoing.values())
    if (contract.kind === 'event') declareEvent(registry, contract as never)

  const alarms = createAlarms(clock)
  const decoder = createEventDecoder(catalogue.events, sealing?.keyring)
  const tokens = createTokens(store.identity)
  const snapshots = createSnapshots(snapshotStore, store, clock)
  const pump = await createPump({ store, decoder, alarms, tailBytesMax, pollMs })
  const states = createAggregateStates(
    store,
    decoder,
    snapshots,
    options.cachedAggregatesMax ?? cachedAggregatesDefault,
  )
  const erasing =
    sealing === undefined ? undefined : await openErasing({ backend, sealing, states, pump, catalogue }, runtime)
  const stores = await openViewStores(catalogue.readModels, backend, runtime)
  const readModels = await openReadModels({
    models: catalogue.readModels.map((model) => ({ model, views: stores.of(model) })),
    leases: backend.leases,
    store,
    decoder,
    pump,
    alarms,
    ids,
    workers: partitionWorkers(options.restoreWorkers ?? workersDefault()),
    erasures: erasing,
  })
  const { auditing, audit } = openAudit({
    catalogue,
    backend,
    runtime,
    sealing,
    options: options.audit ?? {},
    permissions: () => permissions,
  })
  const recorded =
    commandLogOptions &&
    createCommandRecording({
      store,
      auditing,
      sealing,
      clock,
      asked: askedBy(catalogue.permissions),
      marks: marksOf(catalogue),
      options: commandLogOptions,
    })
  const views = createViews(readModels.accesses)
  const opening = openPermissions({
    catalogue,
    backend,
    runtime,
    views,
    alarms,
    tokens,
    directory: options.directory,
    options: options.permissions ?? {},
    auditing: () => auditing,
  })
  const { policy, permissions } = opening
  const engine: Engine = {
    registry,
    gate: createGate(name),
    role: options.role,
    store,
    decoder,
    tokens,
    sealing,
    states,
    queue: createAggregateQueue(),
    views,
    clock,
    alarms,
    ids,
    middleware: [policy, idempotencyPolicy(store, tokens)],
    aggregates: catalogue.aggregates,
    events: catalogue.events,
    outgoing: catalogue.outgoing,
    recording: recorded?.recording,
    auditing,
    advances: catalogue.advances,
    present: createPresenter({
      registry,
      fanout: options.fanout,
      ids,
      invalidations: catalogue.invalidations,
      tokens,
    }),
  }
  const { subscribers } = catalogue
  const { sources = [] } = options
  const subscribing = await openSubscribing({ name, subscribers, sources, engine, backend, pump }, runtime)
  const { role, broker } = options
  const opened = openOutbox({ name, role, broker, options: options.outbox, backend, registry }, runtime)
  subscribing.run()
  const leaving = new AbortController()
  const { idempotency } = options
  const retention = startRetention({ backend, idempotency, records: commandLogOptions?.retention, clock })
  const log = openAppCommandLog({
    backend,
    engine,
    catalogue,
    readModels,
    recorded: recorded?.status ?? { recorded: 0, sampled: 0, lost: 0, lastError: undefined },
    retention,
    copyTo: commandLogOptions?.copyTo,
  })
  const introspected = openIntrospection({
    name,
    version: options.version,
    catalogue,
    engine,
    backend,
    pump,
    readModels,
    subscribers: () => subscribing.subscribers,
    permissions,
    audit,
    commandLog: log.commandLog,
  })
  const following = Promise.all([readModels.run(leaving.signal), erasing?.watch()])
  return {
    engine,
    catalogue,
    readModels,
    stores: { data: backend.data, cache: backend.cache, log: backend.log },
    encryption,
    erasing,
    subscribing,
    outbox: opened.outbox,
    commandLog: log.commandLog,
    permissions,
    audit,
    runtime: introspected.runtime,
    stop: async () => {
      introspected.stop()
      await retention[Symbol.asyncDispose]()
      await log[Symbol.asyncDispose]()
      await opened[Symbol.asyncDispose]()
      leaving.abort(stoppedApp())
      pump.stop()
      await following
      await snapshots.settled()
      opening[Symbol.dispose]()
      pump[Symbol.dispose]()
      alarms[Symbol.dispose]()
      await stores[Symbol.asyncDispose]()
      await backend[Symbol.asyncDispose]()
    },
  }
}
