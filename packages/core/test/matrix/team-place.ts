// An app whose directory reads a view of its own events, on a fake clock. A test can hold what is in the middle of something: the view's
// flush, the directory's answer, a handler.
import {
  aggregate,
  allOf,
  command,
  domain,
  event,
  handle,
  query,
  readModel,
  systemContext,
  systemTenant,
} from '@gesta/core'
import type { Directory, RequestContext, Running } from '@gesta/core'
import { z } from 'zod'
import { catalogueOf } from '../../src/app/catalogue.ts'
import { start } from '../../src/app/start.ts'
import type { Backend } from '../../src/stores/backend.ts'
import type { View } from '../../src/stores/read-model/read-model-store.ts'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'
import type { FakeClock } from '../fake-clock.ts'
import { holdStore } from '../interfering-store.ts'

export const ways = ['permission', 'account', 'session'] as const
export type Way = (typeof ways)[number]
const Change = z.object({ way: z.enum(ways), mayWork: z.boolean() })

const change = command('Team.Change', { input: Change })
const Changed = event('Team.Changed', Change)
const work = command('Team.Work', { input: z.object({ text: z.string() }) })
const customWork = command('Team.CustomWork')
const slowWork = command('Team.SlowWork')
const look = query('Team.Look', { result: z.string() })
const Worked = event('Team.Worked', z.object({ text: z.string() }))

const Member = aggregate('Team.Member', () => ({})).on(Changed, () => ({}))
const Book = aggregate('Team.Book', () => ({ notes: 0 })).on(Worked, ({ notes }) => ({ notes: notes + 1 }))
const Kept = readModel('Team.Kept', (): { readonly ways: readonly string[] } => ({ ways: [] })).on(
  Changed,
  (_, { aggregate: member }) => member.id,
  ({ ways: kept }, { way, mayWork }) => {
    const rest = kept.filter((each) => each !== way)
    return { ways: mayWork ? rest : [...rest, way] }
  },
)

/** Ann, in the only tenant. */
export const ann: RequestContext = { tenant: 'acme', identity: 'ann', account: 'a-ann', session: 's-ann' }
/** Accounts and sessions belong to no tenant of their own. */
const tenantOf = (way: Way): string => (way === 'permission' ? 'acme' : systemTenant)
const epochOf = (way: Way) =>
  way === 'permission' ? ('tenant' as const) : way === 'account' ? { account: 'a-ann' } : { session: 's-ann' }

/** Something that a test keeps waiting. */
export interface Hold {
  /** From now on whoever comes waits until it is let go; resolves when the first one has come. */
  hold(): { readonly reached: Promise<void>; letGo(): void }
  pass(): Promise<void>
}
export function createHold(): Hold {
  let gate: Promise<void> = Promise.resolve()
  let come = (): void => undefined
  return {
    hold: () => {
      const opened = Promise.withResolvers<void>()
      const arrived = Promise.withResolvers<void>()
      gate = opened.promise
      come = arrived.resolve
      return {
        reached: arrived.promise,
        letGo: () => {
          gate = Promise.resolve()
          opened.resolve()
        },
      }
    },
    pass: async () => {
      come()
      await gate
    },
  }
}

export interface TeamPlace extends AsyncDisposable {
  readonly running: Running<string, string>
  readonly clock: FakeClock
  /** Between the fold of the directory's view and its being visible. */
  readonly flush: Hold
  /** Between what the directory has read and its answer. */
  readonly answer: Hold
  /** In a check of the app's own, behind the one of groups. */
  readonly check: Hold
  /** In the slow command. */
  readonly handler: Hold
  /** Resolves when it is acknowledged. By default the app itself changes it. */
  change(way: Way, mayWork: boolean, by?: RequestContext): Promise<void>
  /** The code that it was refused with, or `allowed`. */
  asked(kind: 'command' | 'query' | 'custom' | 'slow', deadlineMs?: number): Promise<string>
  /** Notes that were stored. */
  notes(): Promise<number>
}

export async function teamPlace(): Promise<TeamPlace> {
  const clock = createFakeClock()
  const runtime = fakeRuntime(clock)
  const [flush, answer, check, handler] = [createHold(), createHold(), createHold(), createHold()]
  const held = await holdStore(runtime)
  const store: Backend = {
    backend: 'memory',
    open: async () => {
      const opened = await held.backend.open(runtime)
      const { readModels } = opened
      const slowed = (view: View): View =>
        new Proxy(view, {
          get: (target, name) => {
            const method: unknown = Reflect.get(target, name)
            if (name !== 'flush') return method
            return async (given: Parameters<View['flush']>[0]) => {
              if (given.writes.length > 0) await flush.pass()
              return target.flush(given)
            }
          },
        })
      return {
        ...opened,
        readModels: { ...readModels, open: async (...view) => slowed(await readModels.open(...view)) },
      }
    },
  }
  const directory: Directory = {
    identity: async ({ tenant, identity }, { read }) => {
      const inTenant = await read(Kept, tenant).get(identity)
      const inSystem = await read(Kept, systemTenant).get(identity)
      const kept = [...(inTenant?.ways ?? []), ...(inSystem?.ways ?? [])]
      await answer.pass()
      if (kept.includes('account') || kept.includes('session')) return undefined
      return { groups: kept.includes('permission') ? [] : ['workers'] }
    },
    group: async () => ({ permissions: ['Team.*'] }),
    hasWorkspace: async () => false,
  }
  // The word before it was evaluated already.
  const customGate = (): Promise<void> => check.pass()
  const team = domain('Team', {
    permissions: {
      'Team.Change': 'authorized',
      'Team.Work': 'authorized',
      'Team.CustomWork': allOf('authorized', customGate),
      'Team.SlowWork': 'authorized',
      'Team.Look': 'authorized',
    },
    readModels: [Kept],
    handlers: [
      Member.decide(
        change,
        () => 'ann',
        (_, data) => [Changed(data)],
      ),
      Book.decide(
        work,
        () => 'book',
        (_, data) => [Worked(data)],
      ),
      Book.decide(
        customWork,
        () => 'book',
        () => [Worked({ text: 'custom' })],
      ),
      handle(slowWork, async (_, { load }) => {
        const book = await load(Book, 'slow book')
        await handler.pass()
        book.emit(Worked({ text: 'slow' }))
      }),
      handle(look, async () => 'seen'),
    ],
    advances: [[Changed, ({ data }) => epochOf((data as z.infer<typeof Change>).way)]],
  })
  const running = await start<string, string>('team', catalogueOf([team]), { store, directory }, runtime)
  const messages = { command: work({ text: 'a note' }), custom: customWork(), slow: slowWork() }
  return {
    running,
    clock,
    flush,
    answer,
    check,
    handler,
    change: async (way, mayWork, context = systemContext(tenantOf(way))) =>
      void (await running.dispatch(change({ way, mayWork }), { context })),
    asked: async (kind, deadlineMs) => {
      const options = { context: ann, deadlineMs }
      const asked: Promise<unknown> =
        kind === 'query' ? running.query(look(), options) : running.dispatch(messages[kind], options)
      return asked.then(
        () => 'allowed',
        (error: unknown) => (error as { readonly code?: string }).code ?? String(error),
      )
    },
    notes: async () => (await held.events.list({ types: [Worked.type] }, { limit: 1000 })).items.length,
    [Symbol.asyncDispose]: () => clock.finish(Promise.resolve(running[Symbol.asyncDispose]())),
  }
}
