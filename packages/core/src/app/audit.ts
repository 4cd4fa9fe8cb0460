// The audit log as the composition root wires it.
import { createAppAudit } from '../audit/access.ts'
import type { AppAudit } from '../audit/app-audit.ts'
import { createAuditing } from '../audit/auditing.ts'
import type { AuditOptions } from '../audit/options.ts'
import { readSigningKey } from '../audit/signature.ts'
import type { Auditing } from '../dispatch/auditing.ts'
import type { Sealing } from '../stores/event/sealing.ts'
import type { AppPermissions } from '../permissions/app-permissions.ts'
import type { BackendRuntime, OpenBackend } from '../stores/backend.ts'
import type { Catalogue } from './catalogue.ts'
import { marksOf } from './command-log.ts'

export interface AuditParts {
  readonly catalogue: Catalogue
  readonly backend: OpenBackend
  readonly runtime: BackendRuntime
  readonly sealing: Sealing | undefined
  readonly options: AuditOptions
  /** Wired after the engine, which the audit log is a part of. */
  permissions(): AppPermissions
}
export interface OpenedAudit {
  readonly auditing: Auditing
  readonly audit: AppAudit
}

export function openAudit({ catalogue, backend, runtime, sealing, options, permissions }: AuditParts): OpenedAudit {
  const { clock, ids } = runtime
  const { signingKey, anonymousPerSecond } = options
  const personal = [...catalogue.events.values()].flatMap((contract) => contract.personal?.fields ?? [])
  const { auditing, status } = createAuditing({
    store: backend.events,
    clock,
    ids,
    anonymousPerSecond,
    marks: marksOf(catalogue),
    marksOfOthers: Object.fromEntries(personal.map((field) => [field, 'personal'])),
    // Where whole payloads are sealed, no state may lie open beside them, and entries are never changed.
    keepsStates: sealing?.all !== true,
  })
  const audit = createAppAudit({
    log: backend.audit,
    auditing,
    status,
    clock,
    signingKey: signingKey === undefined ? undefined : readSigningKey(signingKey),
    require: (caller, permission, metadata) => permissions().require(caller, permission, metadata),
  })
  return { auditing, audit }
}
