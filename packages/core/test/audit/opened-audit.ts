// An audit log with entries, and the access to it that a test asks, without an app around it.
import { generateKeyPairSync } from 'node:crypto'
import { GestaError } from '@gesta/core'
import type { AuditLog, RequestContext } from '@gesta/core'
import { createAppAudit } from '../../src/audit/access.ts'
import type { AppAudit } from '../../src/audit/app-audit.ts'
import { createAuditing } from '../../src/audit/auditing.ts'
import { readSigningKey } from '../../src/audit/signature.ts'
import { audited, entry } from '../../src/conformance/audit-log/given.ts'
import { stored } from '../../src/conformance/event-store/given.ts'
import { memory } from '../../src/stores/memory-backend.ts'
import type { OpenBackend } from '../../src/stores/backend.ts'
import type { AuditEntry } from '../../src/stores/audit/audit-entry.ts'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'
import type { FakeClock } from '../fake-clock.ts'

const keys = generateKeyPairSync('ed25519')
export const signingKey: string = keys.privateKey.export({ type: 'pkcs8', format: 'pem' })
export const publicKey: string = keys.publicKey.export({ type: 'spki', format: 'pem' })

export const admin: RequestContext = { tenant: 'SYSTEM', identity: 'root', account: 'root', session: 's' }
export const auditor: RequestContext = { tenant: 't', identity: 'eve', account: 'eve', session: 's' }

export interface OpenedAudit {
  readonly audit: AppAudit
  readonly backend: OpenBackend
  readonly clock: FakeClock
  /** What was asked of callers. */
  readonly asked: string[]
  /** Callers whose identity is in it are denied. */
  readonly refused: Set<string>
}

/** `lying`: the log as the access sees it. */
export async function openedAudit(lying: (log: AuditLog) => Partial<AuditLog> = () => ({})): Promise<OpenedAudit> {
  const clock = createFakeClock()
  const runtime = fakeRuntime(clock)
  const backend = await memory().open(runtime)
  const { auditing, status } = createAuditing({
    ...runtime,
    store: backend.events,
    anonymousPerSecond: undefined,
    marks: new Map(),
    marksOfOthers: {},
    keepsStates: true,
  })
  const asked: string[] = []
  const refused = new Set<string>()
  const audit = createAppAudit({
    log: { ...backend.audit, ...lying(backend.audit) },
    auditing,
    status,
    clock,
    signingKey: readSigningKey(signingKey),
    require: async ({ identity = '' }, permission) => {
      asked.push(`${identity} ${permission}`)
      if (refused.has(identity)) throw new GestaError('permission_denied', 'No.', { facts: { contract: permission } })
    },
  })
  return { audit, backend, clock, asked, refused }
}

/** Stores commits of a tenant with so many entries. */
export async function store(
  { events }: OpenBackend,
  tenant: string,
  counts: readonly number[],
  fields: Partial<AuditEntry> = {},
): Promise<void> {
  for (const count of counts)
    await stored(
      events,
      audited(
        Array.from({ length: count }, () => entry(fields)),
        { tenant },
      ),
    )
}
