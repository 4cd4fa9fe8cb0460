// The audit log as the composition root wires it.
import type { AppAudit } from '../audit/app-audit.ts'
import type { AuditOptions } from '../audit/options.ts'
import type { Auditing } from '../dispatch/auditing.ts'
import type { Sealing } from '../stores/event/sealing.ts'
import type { AppPermissions } from '../permissions/app-permissions.ts'
import type { BackendRuntime, OpenBackend } from '../stores/backend.ts'
import type { Catalogue } from './catalogue.ts'

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

export function openAudit(_parts: AuditParts): OpenedAudit {
  const missing = (): never => {
    throw new Error('the audit log is being built')
  }
  return {
    auditing: { entriesOf: () => [], concerns: () => false, record: async () => undefined },
    audit: { list: missing, export: missing, verify: missing, checkpoint: missing, record: missing, info: missing },
  }
}
