// An app whose directory is its own: what is granted and revoked are events, a read model shows them, and the directory reads that.
import {
  aggregate,
  command,
  createApp,
  domain,
  event,
  handle,
  query,
  readModel,
  systemContext,
  systemTenant,
} from '@gesta/core'
import type { Backend, Directory, RequestContext } from '@gesta/core'
import { z } from 'zod'

export const tenant = 'acme'
/** What is taken from somebody: each moves an epoch of another kind. */
export const ways = ['permission', 'account', 'session'] as const
export type Way = (typeof ways)[number]

const Change = z.object({ member: z.string(), way: z.enum(ways) })
const grant = command('Team.Grant', { input: Change })
const revoke = command('Team.Revoke', { input: Change })
const Granted = event('Team.Granted', Change)
const Revoked = event('Team.Revoked', Change)

interface Revocations {
  readonly revoked: readonly Way[]
}
const without = ({ revoked }: Revocations, way: Way): readonly Way[] => revoked.filter((each) => each !== way)
const granted = (row: Revocations, { way }: { way: Way }): Revocations => ({ revoked: without(row, way) })
const taken = (row: Revocations, { way }: { way: Way }): Revocations => ({ revoked: [...without(row, way), way] })
const none = (): Revocations => ({ revoked: [] })

const Member = aggregate('Team.Member', none).on(Granted, granted).on(Revoked, taken)
/** What the directory reads. */
const Members = readModel('Team.Members', none)
  .on(Granted, ({ member }) => member, granted)
  .on(Revoked, ({ member }) => member, taken)

function epochOf(data: unknown) {
  const { member, way } = data as z.infer<typeof Change>
  if (way === 'permission') return 'tenant' as const
  return way === 'account' ? { account: accountOf(member) } : { session: sessionOf(member) }
}
const team = domain('Team', {
  permissions: 'authorized',
  readModels: [Members],
  handlers: [
    Member.decide(grant, 'member', (_, change) => [Granted(change)]),
    Member.decide(revoke, 'member', (_, change) => [Revoked(change)]),
  ],
  advances: [
    [Granted, ({ data }) => epochOf(data)],
    [Revoked, ({ data }) => epochOf(data)],
  ],
})

const ByMember = z.object({ member: z.string() })
const work = command('Work.Do', { input: ByMember })
const look = query('Work.Look', { input: ByMember, result: z.string() })
const Done = event('Work.Done', ByMember)
const Desk = aggregate('Work.Desk', () => 0).on(Done, (done) => done + 1)
const desk = domain('Work', {
  permissions: 'authorized',
  handlers: [Desk.decide(work, 'member', (_, { member }) => [Done({ member })]), handle(look, async () => 'seen')],
})

const accountOf = (member: string): string => `account of ${member}`
const sessionOf = (member: string): string => `session of ${member}`
const contextOf = (member: string): RequestContext => ({
  tenant,
  identity: member,
  account: accountOf(member),
  session: sessionOf(member),
})
const directory: Directory = {
  identity: async ({ tenant: of, identity }, { read }) => {
    const inTenant = await read(Members, of).get(identity)
    // Accounts and sessions belong to no tenant of their own.
    const inSystem = await read(Members, systemTenant).get(identity)
    const revoked = [...(inTenant?.revoked ?? []), ...(inSystem?.revoked ?? [])]
    if (revoked.includes('account') || revoked.includes('session')) return undefined
    return { groups: revoked.includes('permission') ? [] : ['workers'] }
  },
  group: async () => ({ permissions: ['Work.*'] }),
  hasWorkspace: async () => false,
}

export type Kind = 'command' | 'query'
export const kinds: readonly Kind[] = ['command', 'query']
/** One process of the app. */
export interface Team extends AsyncDisposable {
  /** Resolves with the acknowledgement. */
  change(member: string, way: Way, mayWork: boolean): Promise<void>
  /** What a member is told: `allowed`, or the code that it was refused with. */
  ask(kind: Kind, member: string, deadlineMs?: number): Promise<string>
  pause(): Promise<unknown>
  resume(): Promise<unknown>
}

export async function startTeam(store: Backend): Promise<Team> {
  const running = await createApp('team', { domains: [team, desk] }).start({ store, directory })
  const control = running.readModels.control('Team.Members')
  return {
    change: async (member, way, mayWork) => {
      const operator = running.as(systemContext(way === 'permission' ? tenant : systemTenant))
      const outcome = await operator.dispatch((mayWork ? grant : revoke)({ member, way }))
      if (!outcome.ok) throw new Error('Expected the change to be accepted.')
    },
    ask: async (kind, member, deadlineMs) => {
      const caller = running.as(contextOf(member))
      const options = { deadlineMs }
      const asked: Promise<unknown> =
        kind === 'command' ? caller.dispatch(work({ member }), options) : caller.query(look({ member }), options)
      return asked.then(
        () => 'allowed',
        (error: unknown) => (error as { readonly code?: string }).code ?? String(error),
      )
    },
    pause: () => control.pause(),
    resume: () => control.resume(),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}
