// Makes entries: who did what, from where, and what came of it. An entry is made of whatever there is; nothing here ever throws.
import type { Act, ActEnd, AuditNote } from '../dispatch/auditing.ts'
import type { Marks } from '../command-log/payload.ts'
import { auditLimits } from '../stores/audit/audit-entry.ts'
import type { AuditEntry, AuditFacts } from '../stores/audit/audit-entry.ts'
import { keptState } from './state-text.ts'

export interface EntryParts {
  /** Fields that are replaced in states, by command type; and for whatever has no marks of its own. */
  readonly marks: ReadonlyMap<string, Marks>
  readonly marksOfOthers: Marks
  /** Whether states may be kept at all: not where whole payloads are sealed. */
  readonly keepsStates: boolean
}

/** The entry of an act, or of what a handler noted of it. */
export function entryOf(parts: EntryParts, act: Act, end: ActEnd, note: AuditNote | undefined): AuditEntry {
  const { action = act.type, outcome = end.outcome } = note ?? {}
  const { resource = '', reason, before, after } = note ?? end
  const { account, identity } = act.context
  // A caller whose context holds something else than texts is denied, and that has to be told.
  const actor = [identity, account].find((name) => typeof name === 'string')
  return {
    action,
    actor: said(actor ?? ''),
    resource: said(resource),
    outcome,
    data: JSON.stringify({
      ...senderOf(act),
      ...(reason !== undefined && { reason: said(reason) }),
      ...statesOf(parts, act, { before, after }),
    }),
  }
}

function senderOf({ context, metadata, commandId }: Act): AuditFacts {
  const { tenant, identity, account, session, impersonator, correlationId = commandId } = context
  const { address, userAgent, requestId } = metadata ?? {}
  const given = { tenant, identity, account, session, impersonator, address, userAgent, requestId, correlationId }
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, text]) => (typeof text === 'string' ? [[name, said(text)]] : [])),
  )
}

function statesOf(
  { marks, marksOfOthers, keepsStates }: EntryParts,
  { type }: Act,
  states: { readonly before: unknown; readonly after: unknown },
): AuditFacts {
  const given = (['before', 'after'] as const).filter((name) => states[name] !== undefined)
  if (given.length === 0) return {}
  if (!keepsStates) return { redacted: ['*'] }
  const kept = given.map((name) => ({ name, state: keptState(states[name], marks.get(type) ?? marksOfOthers) }))
  const redacted = new Set(kept.flatMap(({ state }) => state.redacted))
  const truncated = kept.filter(({ state }) => state.isTruncated).map(({ name }) => name)
  const inexact = kept.filter(({ state }) => state.isInexact).map(({ name }) => name)
  return {
    ...Object.fromEntries(kept.map(({ name, state }) => [name, state.value])),
    ...(redacted.size > 0 && { redacted: [...redacted] }),
    ...(truncated.length > 0 && { truncated }),
    ...(inexact.length > 0 && { inexact }),
  }
}

/** A text as a store keeps it: no longer than it may be, and without what no store can keep. */
function said(text: string): string {
  const whole = text.length > auditLimits.textLength ? text.slice(0, auditLimits.textLength) : text
  return whole.toWellFormed().replaceAll('\0', '\ufffd')
}
