// Verifies chains: reads every entry, computes its hash anew, and holds it against checkpoints. Needs a store and no app.
import type { KeyObject } from 'node:crypto'
import { GestaError } from '../errors/gesta-error.ts'
import type { AuditHead, AuditLog, StoredAuditEntry } from '../stores/audit/audit-log.ts'
import { chainHash, chainStart } from '../stores/audit/chain.ts'
import type { AuditBreak, AuditCheckpoint, AuditVerification } from './app-audit.ts'
import { faultOf, readPublicKey } from './signature.ts'

export interface VerifyOptions {
  /** Default: every tenant that has a chain, or had one at a checkpoint. */
  readonly tenant?: string | undefined
  readonly checkpoints?: readonly AuditCheckpoint[] | undefined
  /** PEM, for the checkpoints. */
  readonly publicKey?: string | undefined
  /** Entries per page, 1 to 10,000; default 1,000. */
  readonly pageSize?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The first break of every tenant's chain; none when all is well. What is stored after it began need not be looked at.
 * Errors: `store_*`; the signal's reason; `audit_key_missing` for checkpoints without a public key, `invalid_input` for one that is none. Reference: docs/reference/audit.md.
 */
export async function verifyAuditLog(log: AuditLog, options: VerifyOptions = {}): Promise<AuditVerification> {
  const { tenant, checkpoints = [], publicKey, signal } = options
  const { known, breaks } = knownHeads(checkpoints, publicKey === undefined ? undefined : readPublicKey(publicKey))
  const seen = new Set<string>()
  let entries = 0
  const look = async (name: string, head: AuditHead | undefined): Promise<void> => {
    seen.add(name)
    const found = await walk(log, name, head, known.get(name) ?? [], options)
    entries += found.entries
    if (found.broken !== undefined) breaks.push(found.broken)
  }
  if (tenant !== undefined) await look(tenant, await headOf(log, tenant))
  else {
    for await (const head of everyHead(log, signal)) await look(head.tenant, head)
    for (const name of known.keys()) if (!seen.has(name)) await look(name, undefined)
  }
  return { tenants: seen.size, entries, breaks }
}

/** The last link of a tenant's chain, if it has one. */
export async function headOf(log: AuditLog, tenant: string): Promise<AuditHead | undefined> {
  const { items } = await log.list({ tenant, order: 'newest' }, { limit: 1 })
  return items[0] && { tenant, sequence: items[0].sequence, hash: items[0].hash }
}

/** Heads of all chains, page by page. */
export async function* everyHead(log: AuditLog, signal?: AbortSignal): AsyncGenerator<AuditHead, void, void> {
  let after: string | undefined
  for (;;) {
    signal?.throwIfAborted()
    const page = await log.heads({ after })
    if (page.length === 0) return
    yield* page
    after = page.at(-1)?.tenant
  }
}

/** What checkpoints say of each tenant; those that are none are breaks of their own. */
function knownHeads(
  checkpoints: readonly AuditCheckpoint[],
  publicKey: KeyObject | undefined,
): { readonly known: ReadonlyMap<string, readonly AuditHead[]>; readonly breaks: AuditBreak[] } {
  if (checkpoints.length > 0 && publicKey === undefined)
    throw new GestaError(
      'audit_key_missing',
      'Expected a publicKey for the checkpoints, received none. Pass the one of the key that signed them.',
    )
  const known = new Map<string, AuditHead[]>()
  const breaks: AuditBreak[] = []
  for (const [at, checkpoint] of checkpoints.entries()) {
    const fault = publicKey && faultOf(checkpoint, publicKey)
    if (fault !== undefined) {
      const message = `Checkpoint ${at + 1} proves nothing: ${fault}. Take the file that was exported, and the key that signed it.`
      breaks.push({ tenant: '', sequence: 0, commandId: undefined, problem: 'checkpoint_invalid', message })
      continue
    }
    for (const head of checkpoint.heads) {
      const heads = known.get(head.tenant)
      if (heads === undefined) known.set(head.tenant, [head])
      else heads.push(head)
    }
  }
  return { known, breaks }
}

/** `head`: what the store says is the last link; entries behind it may be looked at or not. */
async function walk(
  log: AuditLog,
  tenant: string,
  head: AuditHead | undefined,
  known: readonly AuditHead[],
  { pageSize, signal }: VerifyOptions,
): Promise<{ readonly entries: number; readonly broken: AuditBreak | undefined }> {
  const marks = head === undefined ? known : [...known, head]
  const marksAt = Map.groupBy(marks, ({ sequence }) => sequence)
  // Not the end of the rows: whoever appends as fast as this reads would be followed for ever.
  const end = head === undefined ? Number.POSITIVE_INFINITY : Math.max(...marksAt.keys())
  let last: StoredAuditEntry | undefined
  for (;;) {
    signal?.throwIfAborted()
    const page = await log.read({ tenant, after: last?.sequence ?? 0, limit: pageSize })
    for (const entry of page) {
      const broken = breakAt(tenant, last, entry) ?? rewritten(entry, marksAt)
      if (broken !== undefined) return { entries: last?.sequence ?? 0, broken }
      last = entry
    }
    if (page.length === 0 || (last?.sequence ?? 0) >= end) break
  }
  const entries = last?.sequence ?? 0
  return {
    entries,
    broken: marks.some(({ sequence }) => sequence > entries) ? truncated(tenant, entries, marks) : undefined,
  }
}

/** What is wrong with an entry behind another one. */
function breakAt(tenant: string, last: StoredAuditEntry | undefined, entry: StoredAuditEntry): AuditBreak | undefined {
  const sequence = (last?.sequence ?? 0) + 1
  if (entry.sequence > sequence) {
    const message = `Entry ${sequence} of the tenant "${tenant}" is missing: the next one that is there is ${entry.sequence}.`
    return { tenant, sequence, commandId: undefined, problem: 'missing', message }
  }
  const isLink = entry.tenant === tenant && entry.sequence === sequence
  if (isLink && entry.hash === chainHash(entry, last?.hash ?? chainStart)) return undefined
  const message = `Entry ${sequence} of the tenant "${tenant}" is not what was stored: its hash does not follow from it and from the one before.`
  return { tenant, sequence, commandId: entry.commandId, problem: 'changed', message }
}

/** A chain that holds in itself, but is not the one of a checkpoint. */
function rewritten(
  { tenant, sequence, commandId, hash }: StoredAuditEntry,
  marksAt: ReadonlyMap<number, readonly AuditHead[]>,
): AuditBreak | undefined {
  if (marksAt.get(sequence)?.every((mark) => mark.hash === hash) ?? true) return undefined
  const sound = Math.max(0, ...[...marksAt.keys()].filter((marked) => marked < sequence))
  const message = `The chain of the tenant "${tenant}" was made anew: entry ${sequence} has another hash than at the checkpoint, so something from entry ${sequence === sound + 1 ? sequence : `${sound + 1} to ${sequence}`} on was changed.`
  return { tenant, sequence, commandId, problem: 'rewritten', message }
}

function truncated(tenant: string, entries: number, marks: readonly AuditHead[]): AuditBreak {
  const lastKnown = Math.max(...marks.map(({ sequence }) => sequence))
  const message = `The chain of the tenant "${tenant}" ends with entry ${entries}, but it had ${lastKnown}: the entries from ${entries + 1} on are gone.`
  return { tenant, sequence: entries + 1, commandId: undefined, problem: 'truncated', message }
}
