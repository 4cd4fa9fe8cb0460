// Vaults whose commands and queries are audited or not, and end in every way that there is.
import { aggregate, command, deny, domain, event, handle, query } from '@gesta/core'
import type { AuditFacts, CommandContext, RequestContext, StoredAuditEntry } from '@gesta/core'
import { z } from 'zod'
import { settled } from '../fake-clock.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp, StartedOptions } from '../started-app.ts'

export const Filled = event('Vault.Filled', z.object({ id: z.string(), gold: z.int(), pin: z.string() }))
const Vault = aggregate('Vault', () => ({ gold: 0, pin: '', locks: [] as { pin: string }[] })).on(
  Filled,
  (state, { gold, pin }) => ({ gold: state.gold + gold, pin, locks: [...state.locks, { pin }] }),
)

const input = z.object({ id: z.string(), gold: z.int(), pin: z.string() })
const one = z.object({ id: z.string() })
export const fill = command('Vault.Fill', {
  input,
  rejections: { full: 'It is full.' },
  redact: { pin: 'secret' },
  audited: true,
})
export const fillQuietly = command('Vault.FillQuietly', { input })
export const guarded = command('Vault.Guarded', { input: one })
export const own = command('Vault.Own', { input: one, audited: true })
export const move = command('Vault.Move', { input: z.object({ from: z.string(), to: z.string() }) })
export const moveAudited = command('Vault.MoveAudited', {
  input: z.object({ from: z.string(), to: z.string() }),
  audited: true,
})
export const look = query('Vault.Look', { input: one, result: z.int(), audited: true })
export const peek = query('Vault.Peek', { input: one, result: z.int() })
export const forbidden = query('Vault.Forbidden', { input: one, result: z.int() })

export type Moving = (context: CommandContext, input: { readonly from: string; readonly to: string }) => Promise<void>

/** `moving`: what moves between vaults do. */
export function vaults(moving: Moving = async () => undefined) {
  return domain('Vault', {
    permissions: {
      'Vault.Fill': 'anonymous',
      'Vault.FillQuietly': 'anonymous',
      'Vault.Guarded': () => deny('the guard sleeps'),
      'Vault.Own': 'authenticated',
      'Vault.Move': 'anonymous',
      'Vault.MoveAudited': 'anonymous',
      'Vault.Look': 'anonymous',
      'Vault.Peek': 'anonymous',
      'Vault.Forbidden': () => deny('the guard sleeps'),
    },
    handlers: [
      Vault.decide(fill, 'id', ({ gold }, { id, gold: more, pin }) => {
        if (more < 0) throw new TypeError('what it says is its own')
        return gold + more > 100 ? fill.reject('full') : [Filled({ id, gold: more, pin })]
      }),
      Vault.decide(fillQuietly, 'id', (_, { id, gold, pin }) => [Filled({ id, gold, pin })]),
      Vault.decide(guarded, 'id', () => []),
      Vault.decide(own, 'id', () => []),
      handle(move, async (given, context) => moving(context, given)),
      handle(moveAudited, async (given, context) => moving(context, given)),
      handle(look, async ({ id }) => {
        if (id === 'broken') throw new TypeError('what it says is its own')
        return 7
      }),
      handle(peek, async () => 7),
      handle(forbidden, async () => 7),
    ],
  })
}
export { Vault }

export function startVaults(options: StartedOptions = {}, moving?: Moving): Promise<StartedApp> {
  return startApp(vaults(moving), options)
}

export const ann: RequestContext = {
  account: 'ann',
  session: 's-1',
  identity: 'ann@t',
  tenant: 't',
  correlationId: 'request',
}
export const metadata = { address: '192.0.2.1', userAgent: 'a browser', requestId: 'r-1', other: 'not kept' }

/** Entries of a tenant as they lie in the store, oldest first. */
export async function entriesOf(app: StartedApp, tenant = ''): Promise<readonly StoredAuditEntry[]> {
  await settled()
  return app.audit.read({ tenant, after: 0, limit: 10_000 })
}
/** What they say, in short. */
export async function told(app: StartedApp, tenant = ''): Promise<readonly string[]> {
  return (await entriesOf(app, tenant)).map(
    ({ action, outcome, data }) => `${action} ${outcome} ${factsOf(data).reason ?? '-'}`,
  )
}
export function factsOf(data: string): AuditFacts {
  return JSON.parse(data) as AuditFacts
}
