// The conformance suite of read-only mode: over every adapter each change of each port is refused, and each question is answered.
import assert from 'node:assert/strict'
import { isGestaError } from '../../errors/gesta-error.ts'
import type { OpenBackend } from '../../stores/backend.ts'
import { refuseChanges } from '../../stores/read-only.ts'
import type { Store, StoreInfo } from '../../stores/store.ts'
import { commit, stored } from '../event-store/given.ts'
import { everyPage } from '../event-store/plain-list.ts'
import { storeVariedLog } from '../event-store/varied-log.ts'
import { runSuite } from '../suite.ts'
import type { BackendPlace, Case, Suite, TestFunction } from '../suite.ts'

export type { BackendPlace, Case, Suite, TestFunction } from '../suite.ts'

export interface GivenBackends {
  /** With a log in it. */
  readonly backend: OpenBackend
  /** The same one, for reading. */
  readonly readOnly: OpenBackend
}
type ReadOnlyCase = Case<GivenBackends, never>

type PortName = Exclude<keyof OpenBackend, 'durability' | 'readOnly' | 'shared' | 'domainTables' | symbol>
/** Every operation that changes something, by port; none is left out. Refusing does not look at what is given. */
const changes: { readonly [Port in PortName]: readonly (keyof OpenBackend[Port])[] } = {
  events: ['commit', 'rewrite', 'reset', 'fork'],
  commandLog: [],
  audit: [],
  outbox: ['settle', 'requeue', 'discard', 'resend', 'prune'],
  jobs: ['exchange', 'change', 'pause', 'prune'],
  readModels: ['open', 'changePlan', 'remove', 'removePlan'],
  snapshots: ['save', 'delete', 'deletePersonal', 'reset'],
  leases: ['acquire', 'renew', 'release', 'reset'],
  keys: ['putIfAbsent', 'rewrap', 'shred', 'replay', 'reset'],
  credentials: ['put', 'remove', 'removeOf', 'removeExpired', 'reset'],
  data: ['set', 'copy', 'delete', 'reset'],
  cache: ['set', 'delete', 'flush'],
  log: ['append', 'purge', 'setRetention', 'reset'],
  seen: ['mark', 'reset'],
}

/** The ports that a backend has, and their changes. */
function portsOf(backend: OpenBackend): readonly (readonly [object, readonly string[]])[] {
  return Object.entries(changes).flatMap(([name, operations]) => {
    const port = backend[name as PortName]
    return port === undefined ? [] : [[port, operations as readonly string[]] as const]
  })
}

/** What the ports say of themselves, without the details, which may move by themselves. */
async function informationOf(backend: OpenBackend): Promise<readonly Omit<StoreInfo, 'details'>[]> {
  const ports = portsOf(backend).flatMap(([port]) => ('info' in port ? [port as Store] : []))
  const found = await Promise.all(ports.map((port) => port.info()))
  return found.map(({ store, backend: name, readOnly, items }) => ({ store, backend: name, readOnly, items }))
}

async function contentOf({ events, commandLog }: OpenBackend): Promise<unknown> {
  return [
    await everyPage((page) => events.list({}, page)),
    await events.uniqueValues('aggregateId'),
    await events.versions([{ tenant: 'left', aggregateType: 'Order', aggregateId: 'id-1' }]),
    events.identity,
    await everyPage((page) => commandLog.list({}, page)),
  ]
}

const cases: readonly ReadOnlyCase[] = [
  {
    group: 'changes',
    name: 'are refused by every port, and the error names the store and the operation',
    run: async ({ backend, readOnly }) => {
      const before = await contentOf(backend)
      for (const [port, operations] of portsOf(readOnly)) {
        const { store } = 'info' in port ? await (port as Store).info() : { store: 'read-model' }
        for (const operation of operations) {
          const call = Reflect.get(port, operation) as () => Promise<unknown>
          await assert.rejects(call(), (error) => {
            assert.ok(isGestaError(error, 'store_read_only'), String(error))
            assert.deepEqual(error.facts, { store, operation })
            assert.ok(error.message.includes(store) && error.message.includes(operation))
            return true
          })
        }
      }
      assert.deepEqual(await contentOf(backend), before)
    },
  },
  {
    group: 'questions',
    name: 'are answered as by the backend itself',
    run: async ({ backend, readOnly }) => {
      assert.deepEqual(await contentOf(readOnly), await contentOf(backend))
      assert.deepEqual(
        await readOnly.events.total({ types: ['Order.Placed'] }),
        await backend.events.total({ types: ['Order.Placed'] }),
      )
      assert.equal(await readOnly.snapshots.total(), 0)
      assert.deepEqual(await readOnly.leases.list(), [])
      assert.equal(readOnly.durability, backend.durability)
    },
  },
  {
    group: 'questions',
    name: 'who listens hears what is stored through the backend',
    run: async ({ backend, readOnly }) => {
      const heard: number[] = []
      using _ = readOnly.events.onAppend((group) => heard.push(...group.map(({ receipt }) => receipt.commitNo)))
      const { commitNo = 0 } = (await backend.commandLog.list({}, { limit: 1 })).items[0] ?? {}
      await stored(backend.events, commit())
      assert.deepEqual(heard, [commitNo + 1])
      assert.equal(await readOnly.events.head(), await backend.events.head())
    },
  },
  {
    group: 'info',
    name: 'says of every port that it is read-only',
    run: async ({ backend, readOnly }) => {
      const own = await informationOf(backend)
      assert.ok(own.length > 0 && own.every((info) => !info.readOnly))
      assert.deepEqual(
        await informationOf(readOnly),
        own.map((info) => ({ ...info, readOnly: true })),
      )
      assert.deepEqual([backend.readOnly ?? false, readOnly.readOnly], [false, true])
    },
  },
]

/** Every behaviour of read-only mode, for runners of one's own. */
export const readOnlySuite: Suite<GivenBackends, never> = { name: 'read-only mode', capabilities: [], cases }

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case, with `allowRewriting` if the adapter can. */
export function runReadOnlySuite(test: TestFunction, newPlace: () => Promise<BackendPlace>): void {
  runSuite(test, readOnlySuite, {}, async (run) => {
    const place = await newPlace()
    const backend = await place.open()
    try {
      await storeVariedLog(backend.events)
      await run({ backend, readOnly: refuseChanges(backend) })
    } finally {
      await backend[Symbol.asyncDispose]()
      await place.remove()
    }
  })
}
