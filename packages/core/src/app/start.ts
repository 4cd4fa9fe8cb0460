// Starts an app: opens the store, wires the engines, orders the middleware. The only place that does.
import { availableParallelism } from 'node:os'
import { createCommandRecording } from '../command-log/recording.ts'
import { createAggregateQueue } from '../dispatch/aggregate-queue.ts'
import { createAggregateStates } from '../dispatch/aggregate-states.ts'
import type { Engine } from '../dispatch/engine.ts'
import { createGate } from '../dispatch/gate.ts'
import { createPresenter } from '../dispatch/present.ts'
import { jobsSettings } from '../queue/options.ts'
import { idempotencyPolicy } from '../idempotency/middleware.ts'
import { createSnapshots } from '../dispatch/snapshots.ts'
import { createPump } from '../pump/pump.ts'
import { openReadModels } from '../pump/read-models.ts'
import { stoppedApp } from '../pump/read-model-errors.ts'
import { createViews } from '../pump/views.ts'
import { declareEvent, enlist } from '../registry/enlist.ts'
import { createRegistry } from '../registry/registry.ts'
import { boundHandler } from '../runtime-domain/introspecting.ts'
import type { Introspection } from '../runtime-domain/introspection.ts'
import type { BackendRuntime, OpenBackend } from '../stores/backend.ts'
import { createEventDecoder } from '../stores/event/event-decoder.ts'
import { createTokens } from '../stores/event/token.ts'
import { createAlarms } from '../time/alarms.ts'
import { openCaching } from './caching.ts'
import type { Catalogue } from './catalogue.ts'
import { askedBy, marksOf, openAppCommandLog } from './command-log.ts'
import { createDomainLife } from './domain-life.ts'
import { migrateDomains } from './domain-migrations.ts'
import { openEncryption, wrappingOf } from './encryption.ts'
import type { Encryption } from './encryption.ts'
import { openErasing } from './erasing.ts'
import { openJobs } from './jobs.ts'
import { openOutbox } from './outbox.ts'
import { openAudit } from './audit.ts'
import { createMessageMeter } from '../operations/message-meter.ts'
import { openOperations } from './operations.ts'
import { openPermissions } from './permissions.ts'
import { openStores } from './open-stores.ts'
import { openViewStores } from './view-stores.ts'
import { createProcesses } from './process-managers.ts'
import { createCrons } from './crons.ts'
import type { Parts } from './parts.ts'
import { startRetention } from './retention.ts'
import { openIntrospection } from './introspection.ts'
import { partitionWorkers } from './partition-workers.ts'
import { run } from './run.ts'
import { openSubscribing } from './subscribing.ts'
import type { Running } from './running.ts'
import { systemRuntime } from './system.ts'
import { checkStartOptions } from './start-options.ts'
import type { StartOptions } from './start-options.ts'

const cachedAggregatesDefault = 10_000
const tailBytesMax = 4 * 1024 * 1024
const pollMs = 250
const domainTimeoutDefaultMs = 30_000

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
  const parts = await migrateDomains(catalogue.ordered, backend, runtime, options.signal)
    .then(() => openEncryption(backend, wrapping, options.encryption, runtime))
    .then((encryption) => wire(name, catalogue, options, runtime, encryption?.backend ?? backend, encryption))
    .catch(async (error: unknown) => {
      await backend[Symbol.asyncDispose]()
      throw error
    })
  if (options.signal?.aborted === true) {
    await Promise.all([parts.subscribing.stop(), parts.jobs.stop()])
    await parts.stop()
    options.signal.throwIfAborted()
  }
  const running = run<CommandType, QueryType>(name, parts, options.signal)
  try {
    await parts.domainLife.start(running, options.signal)
    options.signal?.throwIfAborted()
    parts.begin()
  } catch (error) {
    // What is thrown says why; what goes wrong on the way out follows from it.
    await Promise.allSettled([running[Symbol.asyncDispose]()])
    throw error
  }
  return running
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
  const processes = createProcesses(name, catalogue.processes)
  const crons = createCrons(name, catalogue.crons)
  for (const handler of [...processes.handlers, ...crons.handlers])
    enlist(registry, handler.contract, handler, handler.roles)
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
  const messages = createMessageMeter(clock)
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
  const cached = openCaching(
    {
      backend,
      options: options.caching ?? {},
      hasOwnStore: options.cache !== undefined,
      pump,
      tokens,
      alarms,
      where: `caching of the app ${name}`,
    },
    runtime,
  )
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
    places: catalogue.places,
    middleware: [policy, idempotencyPolicy(store, tokens)],
    aggregates: catalogue.aggregates,
    events: catalogue.events,
    outgoing: catalogue.outgoing,
    recording: recorded?.recording,
    auditing,
    meter: messages.meter,
    tracing: options.tracing,
    advances: catalogue.advances,
    cacheTags: catalogue.cacheTags,
    caching: cached.caching,
    present: createPresenter({
      registry,
      fanout: options.fanout,
      ids,
      invalidations: catalogue.invalidations,
      tokens,
    }),
  }
  const subscribers = [...catalogue.subscribers, ...processes.subscribers]
  processes.open(engine, backend)
  crons.open(engine, backend)
  const { sources = [] } = options
  const subscribing = await openSubscribing({ name, subscribers, sources, engine, backend, pump }, runtime)
  const { role, broker } = options
  const opened = openOutbox({ name, role, broker, options: options.outbox, backend, registry }, runtime)
  const kept = jobsSettings(options.jobs ?? {}, name)
  const jobs = openJobs({ name, engine, backend, settings: kept })
  const leaving = new AbortController()
  const { idempotency } = options
  const retention = startRetention({ backend, idempotency, records: commandLogOptions?.retention, kept, clock })
  const log = openAppCommandLog({
    backend,
    engine,
    catalogue,
    readModels,
    recorded: recorded?.status ?? { recorded: 0, sampled: 0, lost: 0, lastError: undefined },
    retention,
    copyTo: commandLogOptions?.copyTo,
  })
  const operations = openOperations({
    name,
    options: options.operations,
    onOperation: options.onOperation,
    engine,
    jobs: jobs.jobs,
    readModels,
    subscribing,
    outbox: opened.outbox,
    commandLog: log.commandLog,
    audit,
    fanout: options.fanout,
    messages,
    cache: cached.state,
    config: catalogue.ordered.find(({ configStatus }) => configStatus !== undefined)?.configStatus,
    crons: crons.looked,
    processes: processes.looked,
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
    jobs: jobs.jobs,
    crons: crons.crons,
  })
  const domainLife = createDomainLife(catalogue.ordered, alarms, options.domainTimeoutMs ?? domainTimeoutDefaultMs)
  const following = Promise.all([readModels.run(leaving.signal), erasing?.watch()])
  return {
    engine,
    catalogue,
    readModels,
    stores: {
      data: backend.data,
      cache: backend.cache,
      log: backend.log,
      get credentials() {
        if (encryption !== undefined) return encryption.credentials
        throw new Error(`The app ${name} keeps no credentials: start() was given no encryption.`)
      },
    },
    encryption,
    erasing,
    subscribing,
    outbox: opened.outbox,
    jobs,
    commandLog: log.commandLog,
    permissions,
    audit,
    cache: cached.cache,
    domainLife,
    runtime: introspected.runtime,
    operations: operations.operations,
    processManagers: processes.processManagers,
    crons: crons.crons,
    begin: () => {
      subscribing.run()
      jobs.run()
      processes.begin()
      crons.begin()
    },
    stop: async () => {
      introspected.stop()
      await operations[Symbol.asyncDispose]()
      await crons.stop()
      await processes.stop()
      // Nothing of a domain works any more; what it has open it may close.
      const ended = domainLife.stop()
      await ended.catch(() => undefined)
      await retention[Symbol.asyncDispose]()
      await log[Symbol.asyncDispose]()
      await opened[Symbol.asyncDispose]()
      leaving.abort(stoppedApp())
      pump.stop()
      await following
      await cached[Symbol.asyncDispose]()
      await snapshots.settled()
      opening[Symbol.dispose]()
      pump[Symbol.dispose]()
      alarms[Symbol.dispose]()
      await stores[Symbol.asyncDispose]()
      await backend[Symbol.asyncDispose]()
      await ended
    },
  }
}
