// The audit log over the admin address. It asks for its own permissions, and keeps who read it. Reference: docs/reference/admin.md.
import type { AppAudit, AuditCheckpoint, AuditFilter, AuditFormat, StoredAuditEntry } from '@gesta/core'
import { systemTenant } from '@gesta/core/host'
import { targeting } from '../caller.ts'
import { bodyOf, listOf, object, oneOf, optional, readFields, readParameters, text, whole } from './fields.ts'
import type { Kind, Values } from './fields.ts'
import { instant, instantOf, microsecondsIn } from './instant.ts'
import type { AdminRoute, Asked } from './route.ts'

/** Below `/admin` it is asked of all tenants, below a runtime of its one. */
const bases = ['/admin', '/api/tenants/{tenantUuid}/runtime', '/api/runtime'] as const

const outcomes = ['succeeded', 'rejected', 'denied', 'failed'] as const
const filter = {
  action: optional(text),
  actor: optional(text),
  resource: optional(text),
  outcome: optional(oneOf(outcomes)),
  from: optional(instant),
  to: optional(instant),
  order: optional(oneOf(['newest', 'oldest'] as const)),
}
const page = { ...filter, limit: optional(whole(1, 10_000)), cursor: optional(text) }
const exported = { ...filter, format: optional(oneOf(['csv', 'jsonl'] as const)) }
const head = { tenant: text, sequence: whole(1, Number.MAX_SAFE_INTEGER), hash: text }
const checkpoint: Kind<AuditCheckpoint> = {
  type: 'object',
  expected: 'a checkpoint as it was exported',
  takes: (value): value is AuditCheckpoint =>
    object.takes(value) &&
    value['version'] === 1 &&
    ['takenAt', 'signature', 'keyId'].every((name) => text.takes(value[name])) &&
    listOf(object).takes(value['heads']) &&
    value['heads'].every((each) => Object.entries(head).every(([name, kind]) => kind.takes(each[name]))),
}
const verification = { checkpoints: optional(listOf(checkpoint)), publicKey: optional(text) }

/** Bytes of checkpoints: one is about as long as the names of its tenants, and a hash for each. */
const checkpointBytesMax = 16 * 1024 * 1024

const contentTypes: { readonly [Format in AuditFormat]: string } = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/x-ndjson; charset=utf-8',
}

export function auditRoutes({ audit }: { readonly audit: AppAudit }): readonly AdminRoute[] {
  return bases.flatMap((base): readonly AdminRoute[] => {
    const ofAll = base === '/admin'
    return [
      {
        method: 'GET',
        path: `${base}/audit`,
        permission: { asked: 'Audit.Read' },
        answer: async (asked) => {
          const { limit, cursor, ...given } = readParameters(asked.queryString, page)
          const found = await audit.list(who(asked), narrowed(asked, ofAll, given), { limit, cursor }, asked.metadata)
          return { body: { items: found.items.map(entryJson), cursor: found.cursor } }
        },
      },
      {
        method: 'GET',
        path: `${base}/audit/export`,
        permission: { asked: 'Audit.Export' },
        answer: (asked) => {
          const { format = 'jsonl', ...given } = readParameters(asked.queryString, exported)
          const pieces = audit.export(who(asked), format, narrowed(asked, ofAll, given), asked.metadata)
          return { contentType: contentTypes[format], fileName: `audit.${format}`, pieces }
        },
      },
      {
        method: 'POST',
        path: `${base}/audit/verify`,
        bodyBytesMax: checkpointBytesMax,
        permission: { asked: 'Audit.Verify' },
        answer: async (asked) => {
          const { checkpoints, publicKey } = readFields(bodyOf(asked.body), verification)
          const tenant = ofAll ? undefined : asked.tenant
          return { body: await audit.verify(who(asked), { tenant, checkpoints, publicKey }, asked.metadata) }
        },
      },
      // A checkpoint is of all chains at one moment.
      ...(ofAll
        ? [
            {
              method: 'POST',
              path: `${base}/audit/checkpoint`,
              permission: { asked: 'Audit.Verify' },
              answer: async (asked: Asked) => {
                readFields(bodyOf(asked.body), {})
                return { body: await audit.checkpoint(who(asked), asked.metadata) }
              },
            } as const,
          ]
        : []),
    ]
  })
}

/** Chains, of whichever tenant, are the app's own affair. */
function who({ caller }: Asked): Asked['caller'] {
  return targeting(caller, systemTenant)
}

function narrowed({ tenant }: Asked, ofAll: boolean, given: Values<typeof filter>): AuditFilter {
  const { from, to, ...rest } = given
  return { ...rest, from: microsecondsIn(from), to: microsecondsIn(to), tenant: ofAll ? undefined : tenant }
}

function entryJson({ recordedAt, data, ...entry }: StoredAuditEntry): { readonly [name: string]: unknown } {
  return { ...entry, recordedAt: instantOf(recordedAt), data: JSON.parse(data) as unknown }
}
