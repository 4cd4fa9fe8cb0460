// A host that answers what a test wants, for what a real app does only when something is broken.
import type { Running } from '@gesta/core'
import { registerHost } from '@gesta/core/host'
import type { ExposedContract, Host } from '@gesta/core/host'
import { get, place } from './shop.ts'

const exposed = (contract: object, versioned: boolean): ExposedContract => ({
  domain: 'Order',
  contract: contract as ExposedContract['contract'],
  roles: ['web'],
  permission: 'anonymous',
  versioned,
})

export const fakeContracts: readonly ExposedContract[] = [exposed(place, true), exposed(get, false)]

const noReadModel = (): never => {
  throw new Error('The fake app has no read models.')
}
const noCommandLog = {} as Host['commandLog']
/** Nobody reads what is kept here. */
const audit = { record: async () => undefined } as object as Host['audit']
const permissions = {} as Host['permissions']

export function fakeApp(parts: Partial<Host>): Running<string, string> {
  const running = {} as Running<string, string>
  registerHost(running, {
    name: 'fake',
    incarnation: 'incarnation-1',
    contracts: fakeContracts,
    state: 'live',
    dispatch: async () => ({ ok: true, result: { pence: 1 }, token: 'token' as never, commandId: 'id', version: 1 }),
    query: async () => ({ result: null, version: undefined }),
    head: async () => 0,
    unready: () => [],
    role: undefined,
    subscribers: () => [],
    jobWorker: () => undefined,
    readModels: { list: () => [], control: noReadModel, verify: noReadModel },
    commandLog: noCommandLog,
    audit,
    permissions,
    runtime: undefined,
    metrics: async () => [],
    stop: async () => undefined,
    ...parts,
  })
  return running
}
