// Read-only mode: a backend whose ports answer every question and refuse every change. Which operations are changes stands in one
// table, and `refuseChanges` names every port of a backend: what is missing in either does not compile.
import type { Backend, OpenBackend } from './backend.ts'
import { storeReadOnly } from './refused-change.ts'
import type { StoreInfo } from './store.ts'

interface Rule<Port extends object> {
  /** As the port's `info` names it. */
  readonly store: string
  /** Every operation and property of the port. Only what answers later can be refused, because refusing is a rejection. */
  readonly operations: {
    readonly [Name in Exclude<keyof Port, symbol>]: Port[Name] extends (...given: never) => Promise<unknown>
      ? 'read' | 'change'
      : 'read'
  }
}

const rules: { readonly [Name in keyof Ports]: Rule<Ports[Name]> } = {
  events: {
    store: 'event',
    operations: {
      identity: 'read',
      info: 'read',
      commit: 'change',
      readStream: 'read',
      readTails: 'read',
      readAll: 'read',
      versions: 'read',
      head: 'read',
      header: 'read',
      headerByKey: 'read',
      pruneKeys: 'change',
      parts: 'read',
      get: 'read',
      list: 'read',
      total: 'read',
      uniqueValues: 'read',
      rewrite: 'change',
      reset: 'change',
      fork: 'change',
      onAppend: 'read',
      onAdvance: 'read',
    },
  },
  commandLog: {
    store: 'command-log',
    operations: { info: 'read', get: 'read', list: 'read', total: 'read', redact: 'change', purge: 'change' },
  },
  audit: { store: 'audit', operations: { info: 'read', list: 'read', total: 'read', read: 'read', heads: 'read' } },
  outbox: {
    store: 'outbox',
    operations: {
      info: 'read',
      cursor: 'read',
      after: 'read',
      due: 'read',
      nextDue: 'read',
      waitingKeys: 'read',
      settle: 'change',
      list: 'read',
      total: 'read',
      requeue: 'change',
      discard: 'change',
      resend: 'change',
      prune: 'change',
    },
  },
  jobs: {
    store: 'job',
    operations: {
      info: 'read',
      exchange: 'change',
      list: 'read',
      total: 'read',
      get: 'read',
      change: 'change',
      pause: 'change',
      queues: 'read',
      prune: 'change',
    },
  },
  // Opening a view makes its table or file when it is missing, so it is a change.
  readModels: {
    store: 'read-model',
    operations: {
      isShared: 'read',
      dialect: 'read',
      open: 'change',
      plan: 'read',
      changePlan: 'change',
      views: 'read',
      remove: 'change',
      removePlan: 'change',
    },
  },
  snapshots: {
    store: 'snapshot',
    operations: {
      info: 'read',
      save: 'change',
      latest: 'read',
      removals: 'read',
      delete: 'change',
      deletePersonal: 'change',
      total: 'read',
      reset: 'change',
    },
  },
  leases: {
    store: 'lease',
    operations: {
      info: 'read',
      acquire: 'change',
      renew: 'change',
      release: 'change',
      holder: 'read',
      list: 'read',
      total: 'read',
      reset: 'change',
    },
  },
  keys: {
    store: 'key',
    operations: {
      info: 'read',
      get: 'read',
      putIfAbsent: 'change',
      rewrap: 'change',
      list: 'read',
      shred: 'change',
      ledger: 'read',
      replay: 'change',
      total: 'read',
      reset: 'change',
    },
  },
  credentials: {
    store: 'credential',
    operations: {
      info: 'read',
      get: 'read',
      put: 'change',
      remove: 'change',
      removeOf: 'change',
      removeExpired: 'change',
      list: 'read',
      total: 'read',
      reset: 'change',
    },
  },
  data: {
    store: 'data',
    operations: {
      info: 'read',
      get: 'read',
      head: 'read',
      set: 'change',
      copy: 'change',
      list: 'read',
      delete: 'change',
      usage: 'read',
      total: 'read',
      reset: 'change',
    },
  },
  cache: {
    store: 'cache',
    operations: {
      info: 'read',
      get: 'read',
      set: 'change',
      list: 'read',
      delete: 'change',
      total: 'read',
      flush: 'change',
    },
  },
  log: {
    store: 'log',
    operations: {
      info: 'read',
      append: 'change',
      get: 'read',
      list: 'read',
      total: 'read',
      purge: 'change',
      retention: 'read',
      setRetention: 'change',
      reset: 'change',
    },
  },
  seen: {
    store: 'seen',
    operations: { info: 'read', seen: 'read', mark: 'change', total: 'read', reset: 'change' },
  },
}
type PortName = Exclude<keyof OpenBackend, 'durability' | 'readOnly' | 'shared' | 'domainTables' | symbol>
type Ports = Pick<OpenBackend, PortName>

/**
 * The same backend, for reading: every change is refused with `store_read_only`, which names the store and the operation; opening a
 * view is one. An app on it refuses commands, and answers queries from views that it builds in memory.
 * Reference: docs/reference/read-only.md.
 */
export function readOnly(backend: Backend): Backend {
  return { backend: backend.backend, open: async (runtime) => refuseChanges(await backend.open(runtime)) }
}

/** What `readOnly` makes of an open backend, for adapters that open one without the right to write. */
export function refuseChanges(backend: OpenBackend): OpenBackend {
  return {
    events: guard(backend.events, rules.events),
    commandLog: guard(backend.commandLog, rules.commandLog),
    audit: guard(backend.audit, rules.audit),
    outbox: guard(backend.outbox, rules.outbox),
    jobs: guard(backend.jobs, rules.jobs),
    readModels: guard(backend.readModels, rules.readModels),
    snapshots: guard(backend.snapshots, rules.snapshots),
    leases: guard(backend.leases, rules.leases),
    keys: guard(backend.keys, rules.keys),
    credentials: guard(backend.credentials, rules.credentials),
    data: guard(backend.data, rules.data),
    cache: guard(backend.cache, rules.cache),
    log: guard(backend.log, rules.log),
    seen: guard(backend.seen, rules.seen),
    durability: backend.durability,
    shared: backend.shared,
    readOnly: true,
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  }
}

/** The port with what its rule names, and nothing else: what an adapter shows beyond its port could change it. */
function guard<Port extends object>(port: Port, { store, operations }: Rule<Port>): Port {
  const guarded = {} as Port
  for (const name of Object.keys(operations) as Exclude<keyof Port, symbol>[]) {
    const asked = port[name]
    const define = (get: () => unknown): void => void Object.defineProperty(guarded, name, { enumerable: true, get })
    if (operations[name] === 'change') {
      const refuse = () => Promise.reject(storeReadOnly(store, String(name)))
      define(() => refuse)
    } else if (typeof asked !== 'function') define(() => port[name])
    else {
      const ask: unknown = name === 'info' ? readOnlyInfo(port as Informed) : asked.bind(port)
      define(() => ask)
    }
  }
  const dispose = () => (port as Partial<AsyncDisposable>)[Symbol.asyncDispose]?.()
  return Object.assign(guarded, { [Symbol.asyncDispose]: dispose })
}

interface Informed {
  info(): Promise<StoreInfo>
}
function readOnlyInfo(port: Informed): Informed['info'] {
  return async () => ({ ...(await port.info()), readOnly: true })
}
