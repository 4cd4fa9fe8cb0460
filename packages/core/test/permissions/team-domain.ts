// A domain whose events say who may do what, work that needs it, and a directory over the domain's own read model.
import { aggregate, command, domain, event, handle, query, readModel, systemTenant } from '@gesta/core'
import type { Directory, RequestContext } from '@gesta/core'
import { z } from 'zod'

const member = z.object({ identity: z.string(), permission: z.string() })
export const grant = command('Team.Grant', { input: member })
export const revoke = command('Team.Revoke', { input: member })
/** Of an account, or of a session. Dispatch it for the tenant `SYSTEM`. */
export const end = command('Team.End', { input: z.object({ kind: z.enum(['account', 'session']), id: z.string() }) })

const permission = z.object({ permission: z.string() })
export const Granted = event('Team.Granted', permission)
export const Revoked = event('Team.Revoked', permission)
export const Ended = event('Team.Ended', z.object({ kind: z.enum(['account', 'session']) }))

const Member = aggregate('Team.Member', (): readonly string[] => [])
  .on(Granted, (held, data) => [...held, data.permission])
  .on(Revoked, (held, data) => held.filter((name) => name !== data.permission))
const Access = aggregate('Team.Access', () => 0).on(Ended, (count) => count + 1)

interface MemberRow {
  readonly permissions: readonly string[]
}
const members = readModel('Team.Members', (): MemberRow => ({ permissions: [] }))
  .on(
    Granted,
    (_, recorded) => recorded.aggregate.id,
    (row, data) => ({ permissions: [...row.permissions, data.permission] }),
  )
  .on(
    Revoked,
    (_, recorded) => recorded.aggregate.id,
    (row, data) => ({ permissions: row.permissions.filter((name) => name !== data.permission) }),
  )
const ended = readModel('Team.Ended', () => ({ isEnded: false })).on(
  Ended,
  (_, recorded) => recorded.aggregate.id,
  () => ({ isEnded: true }),
)

export const teams = domain('Team', {
  permissions: 'anonymous',
  aggregates: [Member, Access],
  readModels: [members, ended],
  handlers: [
    handle(grant, async ({ identity, permission: name }, { load }) =>
      (await load(Member, identity)).emit(Granted({ permission: name })),
    ),
    handle(revoke, async ({ identity, permission: name }, { load }) =>
      (await load(Member, identity)).emit(Revoked({ permission: name })),
    ),
    handle(end, async ({ kind, id }, { load }) => (await load(Access, `${kind}:${id}`)).emit(Ended({ kind }))),
  ],
  advances: [
    [Granted, () => 'tenant'],
    [Revoked, () => ['tenant']],
    [
      Ended,
      ({ aggregateId, data }) => {
        const { kind } = data as { readonly kind: 'account' | 'session' }
        const id = aggregateId.slice(kind.length + 1)
        return kind === 'account' ? { account: id } : { session: id }
      },
    ],
  ],
})

/** Everybody has one group, which holds what was granted to the identity. */
export const teamDirectory: Directory = {
  identity: async ({ identity, account, session }, look) => {
    const gone = look.read(ended, systemTenant)
    const isGone = (await gone.get(`account:${account}`)) ?? (await gone.get(`session:${session}`))
    return isGone === undefined ? { groups: [identity] } : undefined
  },
  group: async (tenant, id, look) => (await look.read(members, tenant).get(id)) ?? { permissions: [] },
  hasWorkspace: async () => false,
  session: async ({ account, session }, look) => {
    const gone = look.read(ended, systemTenant)
    return ((await gone.get(`account:${account}`)) ?? (await gone.get(`session:${session}`))) === undefined
  },
}

export const Done = event('Work.Done', z.object({}))
const Desk = aggregate('Work.Desk', () => 0).on(Done, (count) => count + 1)
const desk = z.object({ desk: z.string().default('d') })
export const work = command('Work.Do', { input: desk, rejections: { closed: 'The desk is closed.' } })
export const sign = command('Work.Sign', { input: desk })
export const ask = query('Work.Ask', { result: z.string() })
export const look = query('Work.Look', { result: z.string() })

/** What `work` does before it decides; tests change permissions in it. */
export interface Pausing {
  readonly before?: ((round: number) => Promise<void>) | undefined
}
/** `Work.Do` and `Work.Ask` need groups, `Work.Sign` and `Work.Look` an account. */
export const workDomain = ({ before }: Pausing = {}) => {
  let round = 0
  return domain('Work', {
    permissions: {
      'Work.Do': 'authorized',
      'Work.Ask': 'authorized',
      'Work.Sign': 'authenticated',
      'Work.Look': 'authenticated',
    },
    aggregates: [Desk],
    handlers: [
      handle(work, async ({ desk: id }, { load }) => {
        if (id === 'closed') return work.reject('closed')
        if (id === 'broken') throw new Error('the desk is broken')
        const place = await load(Desk, id)
        await before?.(++round)
        if (id === 'broken later') throw new Error('the desk is broken')
        return place.emit(Done({}))
      }),
      handle(sign, async ({ desk: id }, { load }) => {
        const place = await load(Desk, id)
        await before?.(++round)
        return place.emit(Done({}))
      }),
      handle(ask, async () => 'answer'),
      handle(look, async () => 'seen'),
    ],
  })
}

export const ann: RequestContext = { tenant: 'acme', identity: 'ann', account: 'a-ann', session: 's-1' }
/** On whose behalf permissions are changed. */
export const inAcme: RequestContext = { targetTenant: 'acme' }
export const inSystem: RequestContext = { targetTenant: systemTenant }
