// The audit log for those who may look at it: every look is allowed first, and is in the log before it is answered.
import type { KeyObject } from 'node:crypto'
import { checkedNote, keepFailure } from '../dispatch/auditing.ts'
import type { Act, ActEnd, AuditNote, Auditing } from '../dispatch/auditing.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { tenantOf } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { systemTenant } from '../request-context/system-context.ts'
import type { AuditFilter, AuditHead, AuditLog, StoredAuditEntry } from '../stores/audit/audit-log.ts'
import type { Page } from '../stores/store.ts'
import { timeText } from '../time/clock.ts'
import type { Clock } from '../time/clock.ts'
import type { AppAudit, AuditFormat, AuditMetadata, AuditStatus } from './app-audit.ts'
import { exportEntries, exportHeading } from './export-text.ts'
import { publicKeyOf, signCheckpoint } from './signature.ts'
import { everyHead, headOf, verifyAuditLog } from './verify.ts'

export interface AccessParts {
  readonly log: AuditLog
  readonly auditing: Pick<Auditing, 'record' | 'entriesOfFailure' | 'keep'>
  readonly status: AuditStatus
  readonly clock: Pick<Clock, 'nowUs'>
  readonly signingKey: KeyObject | undefined
  /** Throws `permission_denied`, after the denial was recorded. */
  readonly require: (caller: RequestContext, permission: string, metadata?: AuditMetadata) => Promise<void>
}
/** What a look at the log asks for, and of whom. */
interface Look {
  readonly caller: RequestContext
  readonly permission: 'Audit.Read' | 'Audit.Export' | 'Audit.Verify'
  /** Absent: every tenant. */
  readonly tenant: string | undefined
  readonly metadata: AuditMetadata | undefined
}

const pageDefault = 1_000

export function createAppAudit({ log, auditing, status, clock, signingKey, require }: AccessParts): AppAudit {
  const record = (look: Look, end: ActEnd, note?: AuditNote): Promise<void> => auditing.record(actOf(look), end, note)

  /** Who may look at which tenant. */
  const admitted = async (
    caller: RequestContext,
    permission: Look['permission'],
    tenant: string | undefined,
    metadata: AuditMetadata | undefined,
  ): Promise<Look> => {
    await require(caller, permission, metadata)
    if (caller.tenant === systemTenant) return { caller, permission, tenant, metadata }
    const look = { caller, permission, tenant: tenantOf(caller), metadata }
    if (tenant === undefined || tenant === look.tenant) return look
    const reason = `it asks for the entries of the tenant "${tenant}"`
    const message = `The caller may not look at the audit log of another tenant. Ask for that of "${look.tenant}".`
    const facts = { permission, reason, anonymous: caller.account === undefined }
    const denied = new GestaError('permission_denied', message, { facts })
    await keepFailure({ auditing }, actOf(look), denied)
    throw denied
  }
  const found = (look: Look, filter: AuditFilter): ActEnd => ({
    outcome: 'succeeded',
    reason: reasonOf(filter),
    resource: resourceOf(look.tenant),
  })
  const exported = async function* (
    caller: RequestContext,
    format: AuditFormat,
    filter: AuditFilter,
    metadata: AuditMetadata | undefined,
  ): AsyncGenerator<string, void, void> {
    const look = await admitted(caller, 'Audit.Export', filter.tenant, metadata)
    const asked: AuditFilter = { order: 'oldest', ...filter, tenant: look.tenant }
    // Before the export is in the log itself: what is behind it is not told.
    const heads = await headsOf(log, look.tenant)
    const ends = new Map(heads.map((head) => [head.tenant, head.sequence]))
    await record(look, found(look, filter))
    yield exportHeading(format)
    let cursor: string | undefined
    do {
      const page: Page<StoredAuditEntry> = await log.list(asked, { limit: pageDefault, cursor })
      const told = page.items.filter(({ tenant, sequence }) => sequence <= (ends.get(tenant) ?? 0))
      if (told.length > 0) yield exportEntries(format, told)
      cursor = page.cursor
    } while (cursor !== undefined)
  }

  return {
    list: async (caller, filter, page, metadata) => {
      const look = await admitted(caller, 'Audit.Read', filter.tenant, metadata)
      const answer = await log.list({ ...filter, tenant: look.tenant }, page)
      await record(look, found(look, filter))
      return answer
    },
    export: (caller, format, filter, metadata) => exported(caller, format, filter, metadata),
    exportPage: async (caller, format, filter, { cursor, limit = pageDefault } = {}, metadata) => {
      const look = await admitted(caller, 'Audit.Export', filter.tenant, metadata)
      const page = await log.list({ order: 'oldest', ...filter, tenant: look.tenant }, { cursor, limit })
      await record(look, found(look, filter))
      const heading = cursor === undefined ? exportHeading(format) : ''
      return {
        text: heading + exportEntries(format, page.items),
        ...(page.cursor !== undefined && { cursor: page.cursor }),
      }
    },
    verify: async (caller, options = {}, metadata) => {
      const look = await admitted(caller, 'Audit.Verify', options.tenant, metadata)
      const publicKey =
        options.publicKey ?? (signingKey && publicKeyOf(signingKey).export({ type: 'spki', format: 'pem' }))
      const verified = await verifyAuditLog(log, { ...options, tenant: look.tenant, publicKey: publicKey?.toString() })
      const { tenants, entries, breaks } = verified
      const reason = `${entries} entries of ${tenants} tenants, ${breaks.length} breaks`
      await record(look, { outcome: 'succeeded', reason, resource: resourceOf(look.tenant) })
      return verified
    },
    checkpoint: async (caller, metadata) => {
      const look = await admitted(caller, 'Audit.Verify', undefined, metadata)
      if (signingKey === undefined)
        throw new GestaError(
          'audit_key_missing',
          'The app was started without audit.signingKey, so it can sign no checkpoint. Pass an Ed25519 key to start().',
        )
      await record(look, { outcome: 'succeeded', reason: 'a checkpoint', resource: resourceOf(look.tenant) })
      const heads = await headsOf(log, look.tenant)
      return signCheckpoint(heads, timeText(clock.nowUs()), signingKey)
    },
    record: async (caller, note, metadata) => {
      const { action } = checkedNote(note, 'audit.record()')
      if (action === undefined)
        throw new Error('Expected an action such as Session.SignIn, received none. Name what was done.')
      const act: Act = { type: action, contract: undefined, tenant: tenantOf(caller), context: caller, metadata }
      await auditing.record(act, { outcome: 'succeeded' }, note)
    },
    info: () => log.info(),
    get status() {
      return { ...status }
    },
  }
}

/** The entry lies where those lie that were looked at; of a look at all of them, in the tenant of the app itself. */
function actOf({ caller, permission, tenant = systemTenant, metadata }: Look): Act {
  return { type: permission, contract: undefined, tenant, context: caller, metadata }
}
function resourceOf(tenant: string | undefined): string {
  return tenant === undefined ? 'Audit' : `Audit/${tenant}`
}
/** What was asked for, for whoever reads of it. */
function reasonOf(filter: AuditFilter): string {
  return `where ${JSON.stringify(filter)}`
}

/** Of every tenant, or of one that has a chain. */
async function headsOf(log: AuditLog, tenant: string | undefined): Promise<readonly AuditHead[]> {
  if (tenant === undefined) return Array.fromAsync(everyHead(log))
  const head = await headOf(log, tenant)
  return head === undefined ? [] : [head]
}
