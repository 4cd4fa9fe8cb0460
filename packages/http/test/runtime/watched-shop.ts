// An app of several tenants that has the domains which describe and steer it, served with callers who hold different things.
import { aggregate, auditDomain, command, createApp, domain, event, handle, plainDirectory, query } from '@gesta/core'
import type { PlainDirectory } from '@gesta/core'
import { readModel, registerStorePermissions, runtimeDomain, systemTenant } from '@gesta/core'
import type { RequestContext, Running } from '@gesta/core'
import { generateKeyPairSync } from 'node:crypto'
import { z } from 'zod'
import type { Authenticate, ServeOptions, Server } from '../../src/index.ts'
import { serveRunning } from '../support/serve-shop.ts'
import type { ServedShop } from '../support/serve-shop.ts'

export const place = command('Order.Place', { input: z.object({ orderId: z.string(), note: z.string() }) })
export const count = query('Order.Count', { result: z.int() })
export const Placed = event('Order.Placed', z.object({ note: z.string() }))
const Order = aggregate('Order', () => ({ isPlaced: false })).on(Placed, () => ({ isPlaced: true }))
const totals = readModel('Order.Totals', () => ({ orders: 0 })).on(
  Placed,
  () => 'all',
  (row) => ({ orders: row.orders + 1 }),
)
export const watchedShop = createApp('shop', {
  domains: [
    domain('Order', {
      roles: ['web'],
      permissions: { 'Order.Place': 'authenticated', 'Order.Count': 'authorized' },
      aggregates: [Order],
      readModels: [totals],
      handlers: [
        Order.decide(place, 'orderId', (_, { note }) => [Placed({ note })]),
        handle(count, async (_, { read }) => (await read(totals).get('all'))?.orders ?? 0),
      ],
    }),
    runtimeDomain({ stream: { perIdentityMax: 2, recheckMs: 100 } }),
    ...registerStorePermissions(),
    auditDomain(),
  ],
})

const caller = (tenant: string, identity: string): RequestContext => ({
  tenant,
  identity,
  account: `${identity}@example`,
  session: `s-${identity}`,
})
export const callers = {
  /** An administrator of the app. */
  root: caller(systemTenant, 'root'),
  /** Of the app as well, and may look. */
  looker: caller(systemTenant, 'looker'),
  /** Everything in her tenant. */
  ann: caller('acme', 'ann'),
  /** Nothing in her tenant. */
  bob: caller('acme', 'bob'),
  eve: caller('globex', 'eve'),
}
export type CallerName = keyof typeof callers

/** Who belongs to what; a test replaces it, and says so. */
export const people = (annHas: readonly string[] = ['*']): PlainDirectory => ({
  tenants: {
    [systemTenant]: {
      identities: { root: { groups: ['administrators'] }, looker: { groups: ['lookers'] } },
      groups: {
        administrators: { permissions: ['*'] },
        // The last three are for administrators alone, whatever a group says.
        lookers: {
          permissions: ['Runtime.EventHandlerList', 'Runtime.Trace', 'StoreCommand.*', 'Runtime.ReissueCommand'],
        },
      },
    },
    acme: { identities: { ann: { groups: ['all'] }, bob: { groups: [] } }, groups: { all: { permissions: annHas } } },
    globex: { identities: { eve: { groups: ['all'] } }, groups: { all: { permissions: ['*'] } } },
  },
})

/** A token is a caller's name; what is in `expired` counts no more. */
export function authenticateBy(expired: ReadonlySet<string> = new Set()): Authenticate {
  return ({ headers }) => {
    const name = headers.authorization?.replace('Bearer ', '')
    if (name === undefined) return undefined
    if (expired.has(name) || !(name in callers)) throw new Error('The token is not known.')
    return callers[name as CallerName]
  }
}
export const as = (name: CallerName): Record<string, string> => ({ authorization: `Bearer ${name}` })

export const { privateKey } = generateKeyPairSync('ed25519', {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

export interface WatchedShop extends ServedShop {
  readonly running: Running<string, string>
  readonly server: Server
  /** Of the admin address. */
  readonly adminUrl: string
}

export async function serveWatched(
  options: ServeOptions = {},
  directory: Parameters<typeof plainDirectory>[0] = people(),
): Promise<WatchedShop> {
  const running = await watchedShop.start({
    directory: plainDirectory(directory),
    audit: { signingKey: privateKey },
  })
  const served = await serveRunning(running, { authenticate: authenticateBy(), admin: { port: 0 }, ...options })
  return {
    ...served,
    running,
    adminUrl: served.server.adminUrl ?? '',
    [Symbol.asyncDispose]: async () => {
      await served[Symbol.asyncDispose]()
      await running[Symbol.asyncDispose]()
    },
  }
}
