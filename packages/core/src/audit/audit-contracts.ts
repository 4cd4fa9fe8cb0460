// The contracts of the domain `Audit`. Reference: docs/reference/audit.md.
import type { QueryContract } from '../contracts/contract.ts'
import { query } from '../contracts/define.ts'
import { flag, listOf, oneOf, optional, record, text, time, whole } from '../schema/plain-schema.ts'
import type { PlainSchema } from '../schema/plain-schema.ts'
import { auditLimits, auditOutcomes } from '../stores/audit/audit-entry.ts'
import type { AuditOutcome } from '../stores/audit/audit-entry.ts'
import type { AuditBreak, AuditCheckpoint, AuditExportPage, AuditFormat } from './app-audit.ts'
import type { AuditVerification } from './app-audit.ts'

/** Which entries; fields that are absent do not narrow. */
export interface AuditQuestion {
  /** Default: the caller's; for callers of the tenant SYSTEM all. */
  readonly tenant?: string | undefined
  readonly action?: string | undefined
  readonly actor?: string | undefined
  readonly resource?: string | undefined
  readonly outcome?: AuditOutcome | undefined
  /** RFC 3339, inclusive. */
  readonly from?: string | undefined
  /** RFC 3339, exclusive. */
  readonly to?: string | undefined
}
export interface ReadAuditInput extends AuditQuestion {
  /** Default `newest`. */
  readonly order?: 'newest' | 'oldest' | undefined
  readonly cursor?: string | undefined
  /** 1 to 1,000; default 100. */
  readonly limit?: number | undefined
  readonly withTotal?: boolean | undefined
}
export interface ExportAuditInput extends AuditQuestion {
  readonly format: AuditFormat
  readonly cursor?: string | undefined
  /** 1 to 10,000; default 1,000. */
  readonly limit?: number | undefined
}
export interface VerifyAuditInput {
  readonly tenant?: string | undefined
  readonly checkpoints?: readonly AuditCheckpoint[] | undefined
  readonly publicKey?: string | undefined
}
/** An entry as people are shown it. */
export interface AuditRow {
  readonly tenant: string
  readonly sequence: number
  /** RFC 3339, UTC. */
  readonly recordedAt: string
  readonly action: string
  readonly actor: string
  readonly resource: string
  readonly outcome: AuditOutcome
  readonly commandId: string
  readonly index: number
  /** JSON text of `AuditFacts`, as it is stored. */
  readonly data: string
  readonly hash: string
}
export interface AuditRows {
  readonly items: readonly AuditRow[]
  readonly cursor?: string | undefined
  readonly total?: number | undefined
}

const word = text(0, auditLimits.textLength)
const tenant = text(0, 512)
const question = {
  tenant: optional(tenant),
  action: optional(word),
  actor: optional(word),
  resource: optional(word),
  outcome: optional(oneOf(auditOutcomes)),
  from: optional(time),
  to: optional(time),
}
const row: PlainSchema<AuditRow> = record<AuditRow>({
  tenant: text(),
  sequence: whole(1),
  recordedAt: time,
  action: text(),
  actor: text(),
  resource: text(),
  outcome: oneOf(auditOutcomes),
  commandId: text(),
  index: whole(0),
  data: text(),
  hash: text(),
})
const checkpoint: PlainSchema<AuditCheckpoint> = record<AuditCheckpoint>({
  version: whole(1, 1) as PlainSchema<1>,
  takenAt: time,
  heads: listOf(record<AuditCheckpoint['heads'][number]>({ tenant, sequence: whole(1), hash: text(64, 64) })),
  signature: text(1, 128),
  keyId: text(32, 32),
})
const problems = ['changed', 'missing', 'truncated', 'checkpoint_invalid', 'rewritten'] as const
const auditBreak: PlainSchema<AuditBreak> = record<AuditBreak>({
  tenant: text(),
  sequence: whole(0),
  commandId: optional(text()),
  problem: oneOf(problems),
  message: text(),
})

export const ReadAudit: QueryContract<'Audit.Read', ReadAuditInput, AuditRows> = query('Audit.Read', {
  description: 'Read the audit log: under the tenant SYSTEM of all tenants, elsewhere of the own one.',
  input: record<ReadAuditInput>({
    ...question,
    order: optional(oneOf(['newest', 'oldest'])),
    cursor: optional(text(1, 8_192)),
    limit: optional(whole(1, 1_000)),
    withTotal: optional(flag),
  }),
  result: record<AuditRows>({ items: listOf(row), cursor: optional(text()), total: optional(whole(0)) }),
})
export const ExportAudit: QueryContract<'Audit.Export', ExportAuditInput, AuditExportPage> = query('Audit.Export', {
  description: 'Export the audit log as text, page by page.',
  input: record<ExportAuditInput>({
    ...question,
    format: oneOf(['csv', 'jsonl']),
    cursor: optional(text(1, 8_192)),
    limit: optional(whole(1, 10_000)),
  }),
  result: record<AuditExportPage>({ text: text(), cursor: optional(text()) }),
})
export const VerifyAudit: QueryContract<'Audit.Verify', VerifyAuditInput, AuditVerification> = query('Audit.Verify', {
  description: 'Verify that the audit log is what was stored.',
  input: record<VerifyAuditInput>({
    tenant: optional(tenant),
    checkpoints: optional(listOf(checkpoint, 1_000)),
    publicKey: optional(text(1, 4_096)),
  }),
  result: record<AuditVerification>({ tenants: whole(0), entries: whole(0), breaks: listOf(auditBreak) }),
})
