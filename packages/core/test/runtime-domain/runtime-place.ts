// An app with the runtime domain and the domains of the stores, on a fake clock, and people of two tenants.
import {
  aggregate,
  command,
  domain,
  event,
  handle,
  job,
  plainDirectory,
  presentationEvent,
  projection,
  query,
  registerStorePermissions,
  runtimeDomain,
  subscriber,
  systemTenant,
} from '@gesta/core'
import type { AnyDomain, Backend, PlainDirectory, RequestContext, RuntimeDomainOptions, Schema } from '@gesta/core'
import { hostOf } from '@gesta/core/host'
import type { Host } from '@gesta/core/host'
import { z } from 'zod'
import { startApp } from '../started-app.ts'
import type { StartedApp, StartedOptions } from '../started-app.ts'

const noteId = z.string()
export const write = command('Note.Write', {
  description: 'Write a note',
  input: z.object({ noteId, text: z.string(), author: z.string() }),
})
export const read = query('Note.Read', {
  input: z.object({ noteId }),
  result: z.object({ text: z.string() }).nullable(),
})
export const Written = event('Note.Written', z.object({ text: z.string(), author: z.string() }), {
  personal: { fields: ['author'] },
})
const Note = aggregate('Note', () => ({ text: '' })).on(Written, (_, { text }) => ({ text }))
export const notes = projection(Note)
const Shown = presentationEvent('Note.Shown', z.object({ text: z.string() }))
const remind = job('Note.Remind', { input: z.object({ noteId }) })

const noteDomain = domain('Note', {
  permissions: 'authorized',
  handlers: [
    Note.decide(write, 'noteId', (_, { text, author }) => [Written({ text, author })]),
    handle(read, async (input, context) => (await context.read(notes).get(input.noteId))?.state ?? null),
    handle(remind, async () => undefined),
  ],
  readModels: [notes],
  emits: [Shown],
  subscribers: [subscriber('Note.Tell').on(Written, () => undefined)],
})

/** A schema whose library fails, or says something that is no JSON Schema. */
function strange(convert: () => unknown): Schema<string> {
  const standard = {
    version: 1,
    vendor: 'strange',
    validate: (value: unknown) => ({ value: value as string }),
    jsonSchema: { input: convert, output: convert },
  } as const
  return { '~standard': standard }
}
const circle: { self?: unknown } = {}
circle.self = circle
const conversions = {
  Throws: () => {
    throw new Error('secret words of a library')
  },
  Text: () => 'no schema',
  Waits: () => Promise.resolve({ type: 'object' }),
  Circle: () => circle,
  Bigint: () => ({ maximum: 10n }),
}
const strangely = (name: string, convert: () => unknown) => {
  const contract = command(`Strange.${name}` as 'Strange.One', { input: strange(convert) })
  return handle(contract, async () => undefined)
}
const strangeDomain = domain('Strange', {
  permissions: 'authorized',
  handlers: Object.entries(conversions).map(([name, convert]) => strangely(name, convert)),
})

const person = (tenant: string, identity: string): RequestContext => ({
  tenant,
  identity,
  account: `account of ${identity}`,
  session: `session of ${identity}`,
})
/** A system administrator; an identity of the tenant SYSTEM with a group; two of the tenant acme; and one of another tenant. */
export const root: RequestContext = person(systemTenant, 'root')
export const operator: RequestContext = person(systemTenant, 'operator')
export const clerk: RequestContext = person('acme', 'clerk')
export const reader: RequestContext = person('acme', 'reader')
export const rival: RequestContext = person('rival', 'rival')

const ownLists = ['Runtime.PermissionList', 'Runtime.CommandList', 'Runtime.QueryList', 'Runtime.EventList']
const ofEverybody = [...ownLists, 'Runtime.Schema', 'Runtime.ExplainPermission', 'Runtime.EventStream']
const everything = ['*', 'StoreEvent.*', 'StoreCommand.*', 'StoreData.*', 'StoreCache.*', 'StoreLog.*']
export const people: PlainDirectory = {
  tenants: {
    [systemTenant]: {
      identities: { root: { groups: ['administrators'] }, operator: { groups: ['operators'] } },
      groups: { operators: { permissions: everything } },
    },
    acme: {
      identities: { clerk: { groups: ['clerks'] }, reader: { groups: ['readers'] } },
      groups: {
        clerks: { permissions: [...everything] },
        readers: { permissions: [...ofEverybody] },
      },
    },
    rival: { identities: { rival: { groups: ['all'] } }, groups: { all: { permissions: ['*'] } } },
  },
}

export interface RuntimePlace extends StartedApp {
  readonly host: Host
  /** Replaces who may do what, and tells the app. */
  become(next: PlainDirectory, tenant: string): Promise<void>
  /** Works with time, as long as it takes. */
  done<T>(work: Promise<T>): Promise<T>
  /** The result of a command or query, or the code of what it failed with. */
  ask(
    message: { readonly kind: string; readonly type: string; readonly data: unknown },
    as?: RequestContext,
  ): Promise<unknown>
  note(id: string, as?: RequestContext): Promise<void>
}
export interface RuntimePlaceOptions extends StartedOptions {
  readonly runtime?: RuntimeDomainOptions
  readonly rate?: Parameters<typeof registerStorePermissions>[0]
  readonly domains?: readonly AnyDomain[]
  /** Instead of the one that the test holds. */
  readonly store?: Backend
}

export async function runtimePlace(options: RuntimePlaceOptions = {}): Promise<RuntimePlace> {
  const { runtime, rate, domains, ...rest } = options
  let plain = people
  const all = domains ?? [noteDomain, strangeDomain, runtimeDomain(runtime), ...registerStorePermissions(rate)]
  const app = await startApp(all, {
    directory: plainDirectory(() => plain),
    encryption: { secrets: [{ id: 'test', secret: 'a secret of tests, which seals nothing real' }] },
    version: '1.2.3',
    ...rest,
  })
  const { running, clock } = app
  const host = hostOf(running)
  const ask: RuntimePlace['ask'] = async (message, as = root) => {
    const sent = { context: as }
    const work = message.kind === 'query' ? host.query(message, sent) : host.dispatch(message, sent)
    return clock.finish(
      work.then(
        (answer) => ('ok' in answer && !answer.ok ? answer.rejection : answer.result),
        (error: { readonly code?: string }) => error.code ?? Promise.reject(error as Error),
      ),
    )
  }
  return {
    ...app,
    host,
    ask,
    done: (work) => clock.finish(work),
    become: async (next, tenant) => {
      plain = next
      await clock.finish(running.permissions.changed('tenant', tenant))
    },
    note: async (id, as = clerk) => {
      await clock.finish(host.dispatch(write({ noteId: id, text: `text of ${id}`, author: 'Ann' }), { context: as }))
    },
  }
}
