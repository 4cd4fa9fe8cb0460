// Changing a stored event, for operators: sealed as it was, readable as before, and never without an entry in the audit log.
import { auditCommand } from '../audit/auditing.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { Engine } from '../dispatch/engine.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { encode } from '../codec/json.ts'
import { erasureStream } from '../contracts/subject-erased.ts'
import { encodeContext, tenantOf } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { parse } from '../schema/parse.ts'
import type { AuditEntry, Commit } from '../stores/commit.ts'
import { deletedEventType } from '../stores/event/event-store.ts'
import type { StoredEvent } from '../stores/event/event-store.ts'
import type { SealedEvent } from '../stores/event/sealing.ts'
import { isSealed } from '../stores/key/sealed-text.ts'
import type { Introspection } from './introspection.ts'

export interface RewriteParts {
  readonly engine: Pick<Engine, 'auditing' | 'clock' | 'ids' | 'sealing' | 'store'>
  /** Contracts of the app's domain events, by type. */
  readonly contracts: ReadonlyMap<string, ContractParts>
}

/**
 * Errors: `invalid_input` for data that do not fit the event's schema; `record_incomplete` for an event that the app cannot check or seal
 * as it was; `data_gone` for new data of one that was deleted; `store_read_only` when the store was not opened for rewriting, and for gesta's
 * own events; `conflict` when its subject was erased meanwhile.
 */
export function createRewrite({ engine, contracts }: RewriteParts): Introspection['rewrite'] {
  const { store, auditing, ids, clock } = engine
  const newText = async (stored: StoredEvent, data: unknown): Promise<SealedEvent> => {
    if (stored.type === deletedEventType) throw deleted(stored)
    const contract = contracts.get(stored.type)
    if (contract === undefined || contract.schemaVersion !== stored.schemaVersion) throw uncheckable(stored)
    await parse(contract.schema, data, 'invalid_input', `the data of ${stored.type}`)
    const plain = encode(data, `the data of ${stored.type}`)
    const { tenant, type, aggregateId } = stored
    if (contract.personal === undefined && !isSealed(stored.data)) return { text: plain, subject: undefined }
    if (engine.sealing === undefined) throw uncheckable(stored)
    const event = { tenant, eventId: idOf(stored), type, aggregateId, personal: contract.personal }
    return engine.sealing.event(event, plain)
  }
  return async (caller, action, { data, reason, metadata, ...key }) => {
    const stored = await store.get(key)
    if (stored === undefined) return false
    if (stored.type.startsWith('Gesta.') && stored.type !== deletedEventType) throw own(stored)
    const sealed = data === undefined ? undefined : await newText(stored, data)
    const act = { type: action, contract: undefined, tenant: tenantOf(caller), context: caller, metadata }
    const resource = `event/${stored.tenant}/${idOf(stored)}`
    const entries = auditing.entriesOf(act, { outcome: 'succeeded' }, [{ action, resource, reason }])
    const record = recordOf(caller, entries, { commandId: ids.newId(), recordedAt: clock.nowUs() })
    // Nobody may be erased between sealing and storing, or the log would hold what no key opens and no erasure tells.
    const { tenant } = key
    const reads =
      sealed?.subject === undefined
        ? []
        : [{ tenant, aggregateType: erasureStream, aggregateId: sealed.subject, version: 0 }]
    const verdict = await store.rewrite({ ...key, data: sealed?.text, record: { ...record, reads } })
    if (verdict === undefined || verdict.verdict === 'stored') return verdict !== undefined
    throw new GestaError('conflict', `The event ${idOf(stored)} was not changed: its subject was erased meanwhile.`)
  }
}

/** A commit without streams: who changed what, and why. */
function recordOf(
  caller: RequestContext,
  audit: readonly AuditEntry[],
  place: Pick<Commit, 'commandId' | 'recordedAt'>,
): Commit {
  return {
    ...place,
    tenant: tenantOf(caller),
    context: encodeContext(caller),
    streams: [],
    reads: [],
    header: {
      commandType: auditCommand,
      outcome: 'accepted',
      answer: undefined,
      version: undefined,
      fingerprint: undefined,
    },
    idempotency: undefined,
    messages: [],
    jobs: [],
    audit,
  }
}

/** Erasures and epochs are what the app relies on: without them what was erased would be readable, and what was revoked allowed. */
function own(stored: StoredEvent): GestaError {
  return new GestaError(
    'store_read_only',
    `The event ${idOf(stored)} is of type ${stored.type}, which is gesta's own: it is neither changed nor deleted.`,
    { facts: { store: 'event', operation: 'rewrite' } },
  )
}

function deleted(stored: StoredEvent): GestaError {
  const message = `The event ${idOf(stored)} was deleted, for good: nobody can say any more what its data have to fit.`
  return new GestaError('data_gone', message, { facts: { eventId: idOf(stored) } })
}

function uncheckable(stored: StoredEvent): GestaError {
  return new GestaError(
    'record_incomplete',
    `The event ${idOf(stored)} of type ${stored.type}, schema version ${stored.schemaVersion}, cannot be written anew by this app: it does not know this version, or has no keys to seal it. Run the app that wrote it.`,
    { facts: { eventId: idOf(stored), type: stored.type } },
  )
}

function idOf({ commandId, index }: StoredEvent): string {
  return `${commandId}.${index}`
}
