// Who asks the admin address, whether they may, and what is kept of what they change.
import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { findGestaError, GestaError, systemContext, systemTenant } from '@gesta/core/host'
import type { Host } from '@gesta/core/host'
import type { AuditNote, RequestContext } from '@gesta/core'
import { callerOf, targeting, traced } from '../caller.ts'
import { metadataOf } from '../headers.ts'
import { tell } from '../logger.ts'
import { checkHttps } from '../production.ts'
import { Refusal } from '../problem.ts'
import { streamPermission } from '../runtime/add-runtime-stream.ts'
import type { StreamAudience } from '../runtime/add-runtime-stream.ts'
import { placeOf, requestIdOf } from '../watching.ts'
import type { AdminSettings } from './admin-options.ts'
import { checkLocal, checkNoPage } from './guard.ts'

/** What is about to be changed, for the audit log. */
export interface Change {
  /** The name of the permission that it takes. */
  readonly action: string
  readonly resource: string
  /** What was asked for, in words. */
  readonly reason: string
  /** Whose it is; default: the app's own. */
  readonly tenant?: string | undefined
}
/** Some of it is what the caller wrote. */
const reasonLengthMax = 900
type Metadata = { readonly [name: string]: string }

export interface Gate {
  /** Before a request is read: where it comes from, and who asks. Errors: `not_local`, `https_required`, `unauthenticated`. */
  enter(request: FastifyRequest): Promise<void>
  /** Who asks, of a request that was let in. */
  callerOf(request: { readonly raw: IncomingMessage }): RequestContext
  /**
   * Whether the caller belongs to the tenant `systemTenant`, and with `permission` holds it there. Without authentication everybody does.
   * Errors: `permission_denied`, which the audit log has then; `permission_unknown`, `permissions_unavailable`.
   */
  require(request: FastifyRequest, action: string, holds: boolean): Promise<void>
  /** Keeps that somebody looks at a store, before it is shown: with the app's own, so that a look changes nothing of a tenant's log. Errors: `store_*`. */
  look(request: FastifyRequest, look: Pick<Change, 'action' | 'resource'>): Promise<void>
  /**
   * Does something once the audit log has that it was asked for: what cannot be written down is not done. What came of it is written down too.
   * Errors: `store_*`; those of the work.
   */
  change<Result>(request: FastifyRequest, change: Change, work: () => Promise<Result>): Promise<Result>
  /** Who may follow the runtime event stream. */
  readonly audience: StreamAudience
}

export function createGate(host: Host, settings: AdminSettings): Gate {
  const { authenticate, production } = settings
  const callers = new WeakMap<IncomingMessage, RequestContext>()
  const caller = ({ raw }: { readonly raw: IncomingMessage }): RequestContext => {
    const known = callers.get(raw)
    if (known === undefined) throw new Error('The request was not let in.')
    return known
  }
  const noted = ({ ip, raw }: FastifyRequest): Metadata => metadataOf(ip, raw)

  const gate: Gate = {
    audience: {
      callerOf: async (request) => caller(request),
      admit: (request) => gate.require(request, streamPermission, false),
      again: authenticate && (async (request) => callerOf(authenticate, settings, request)),
    },
    enter: async (request) => {
      if (authenticate === undefined) {
        checkLocal(request.raw)
        callers.set(request.raw, traced(systemContext(), request.raw) ?? systemContext())
        return
      }
      checkNoPage(request.raw)
      if (production) checkHttps(request)
      const known = traced(await callerOf(authenticate, settings, request), request.raw)
      if (known?.account === undefined) throw new Refusal('unauthenticated', 'Send credentials, and try again.')
      callers.set(request.raw, known)
    },
    callerOf: caller,
    require: async (request, action, holds) => {
      if (authenticate === undefined) return
      const who = targeting(caller(request), systemTenant)
      if (who.tenant !== systemTenant) {
        const reason = `the admin address answers callers of the tenant ${systemTenant} alone`
        await host.audit.record(who, { action, outcome: 'denied', reason }, noted(request))
        throw new GestaError('permission_denied', `The caller may not do ${action} here.`, {
          facts: { permission: action, reason, anonymous: false },
        })
      }
      if (holds) await host.permissions.require(who, action, noted(request))
    },
    look: (request, look) => host.audit.record(targeting(caller(request), systemTenant), look, noted(request)),
    change: async (request, { tenant = systemTenant, ...asked }, work) => {
      const note = { ...asked, reason: asked.reason.slice(0, reasonLengthMax).toWellFormed() }
      const who = targeting(caller(request), tenant)
      const from = noted(request)
      await host.audit.record(who, { ...note, action: `${note.action}.Intent` }, from)
      /** It is done, or not, whatever becomes of this entry; the intent is kept. */
      const end = (ended: Pick<AuditNote, 'outcome'> & { readonly reason?: string }): Promise<void> =>
        host.audit.record(who, { ...note, ...ended }, from).catch((error: unknown) => {
          const facts = { requestId: requestIdOf(request.raw), action: note.action, ...placeOf(request.raw), error }
          tell(settings.logger, 'warn', facts, 'The end of a change is not in the audit log.')
        })
      try {
        const result = await work()
        await end({ outcome: 'succeeded' })
        return result
      } catch (error) {
        await end({ outcome: 'failed', reason: `${note.reason}: ${findGestaError(error)?.code ?? 'internal'}` })
        throw error
      }
    },
  }
  return gate
}
