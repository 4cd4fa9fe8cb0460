// Commits and verdicts on their way between the threads, as flat arrays: the structured clone of a flat array of texts and numbers
// costs a third of the same data as objects.
import { conflictOf, encodeDetail } from '@gesta/core/ports'
import type {
  AuditOutcome,
  Commit,
  Expectation,
  IdempotencyEntry,
  NewJob,
  OutcomeKind,
  Verdict,
} from '@gesta/core/ports'
import { cellsOf, headerCells, toHeader } from './log-rows.ts'

type Sent = string | number | undefined
export type Cells = readonly Sent[]

/** A commit as it is written: what the command log keeps of it as the texts that lie in its row. */
export interface WrittenCommit extends Omit<Commit, 'detail'> {
  readonly detailText: string | undefined
  readonly payload: string | undefined
}

export function writtenCommit({ detail, ...commit }: Commit): WrittenCommit {
  return { ...commit, detailText: detail && encodeDetail(detail), payload: detail?.payload }
}

export function encodeGroup(group: readonly Commit[]): Cells {
  const cells: Sent[] = []
  for (const commit of group) encodeCommit(cells, commit)
  return cells
}

function encodeCommit(
  cells: Sent[],
  {
    commandId,
    tenant,
    context,
    recordedAt,
    streams,
    reads,
    header,
    detail,
    idempotency,
    messages,
    jobs,
    audit,
  }: Commit,
): void {
  cells.push(commandId, tenant, context, recordedAt)
  cells.push(header.commandType, header.outcome, header.answer, header.version, header.fingerprint)
  cells.push(detail && encodeDetail(detail), detail?.payload)
  cells.push(idempotency?.sender, idempotency?.key, idempotency?.fingerprint)
  cells.push(streams.length, reads.length, messages.length, jobs.length, audit.length)
  for (const { aggregateType, aggregateId, expectation, events } of streams) {
    cells.push(aggregateType, aggregateId, expectation, events.length)
    for (const { type, schemaVersion, data } of events) cells.push(type, schemaVersion, data)
  }
  for (const read of reads) cells.push(read.tenant, read.aggregateType, read.aggregateId, read.version)
  for (const { key, type, schemaVersion, data } of messages) cells.push(key, type, schemaVersion, data)
  for (const { type, data, terms } of jobs) cells.push(type, data, terms)
  for (const { action, actor, resource, outcome, data } of audit) cells.push(action, actor, resource, outcome, data)
}

export function decodeGroup(cells: Cells): readonly WrittenCommit[] {
  const next = reader(cells)
  const group: WrittenCommit[] = []
  while (next.more()) group.push(decodeCommit(next))
  return group
}

function decodeCommit({ text, number, maybe, maybeNumber, either, times }: CellReader): WrittenCommit {
  const [commandId, tenant, context, recordedAt] = [text(), text(), text(), number()]
  const header = {
    commandType: text(),
    outcome: text() as OutcomeKind,
    answer: maybe(),
    version: maybeNumber(),
    fingerprint: maybe(),
  }
  const [detailText, payload] = [maybe(), maybe()]
  const idempotency = idempotencyOf(maybe(), maybe(), maybe())
  const [streams, reads, messages, jobs, audit] = [number(), number(), number(), number(), number()]
  return {
    commandId,
    tenant,
    context,
    recordedAt,
    header,
    detailText,
    payload,
    idempotency,
    streams: times(streams, () => ({
      aggregateType: text(),
      aggregateId: text(),
      expectation: either() as Expectation,
      events: times(number(), () => ({ type: text(), schemaVersion: number(), data: text() })),
    })),
    reads: times(reads, () => ({ tenant: maybe(), aggregateType: text(), aggregateId: text(), version: number() })),
    messages: times(messages, () => ({ key: text(), type: text(), schemaVersion: number(), data: text() })),
    jobs: times(jobs, () => jobOf(text(), text(), maybe())),
    audit: times(audit, () => ({
      action: text(),
      actor: text(),
      resource: text(),
      outcome: text() as AuditOutcome,
      data: text(),
    })),
  }
}

function idempotencyOf(
  sender: string | undefined,
  key: string | undefined,
  fingerprint: string | undefined,
): IdempotencyEntry | undefined {
  return key === undefined ? undefined : { sender: sender ?? '', key, fingerprint: fingerprint ?? '' }
}

function jobOf(type: string, data: string, terms: string | undefined): NewJob {
  return terms === undefined ? { type, data } : { type, data, terms }
}

const [stored, conflict, duplicate] = [0, 1, 2]

export function encodeVerdicts(verdicts: readonly Verdict[]): Cells {
  const cells: Sent[] = []
  for (const verdict of verdicts) {
    if (verdict.verdict === 'stored')
      cells.push(stored, verdict.commitNo, verdict.position, verdict.firstVersions.length, ...verdict.firstVersions)
    else if (verdict.verdict === 'conflict') {
      const { tenant, aggregateType, aggregateId } = verdict.stream
      cells.push(conflict, tenant, aggregateType, aggregateId, verdict.expected, verdict.actual)
    } else cells.push(duplicate, verdict.by, verdict.fingerprint, ...cellsOf(verdict.header))
  }
  return cells
}

export function decodeVerdicts(cells: Cells): readonly Verdict[] {
  const next = reader(cells)
  const verdicts: Verdict[] = []
  while (next.more()) verdicts.push(decodeVerdict(next))
  return verdicts
}

function decodeVerdict(next: CellReader): Verdict {
  const { cell, text, number, maybe, either, times } = next
  const kind = number()
  if (kind === stored)
    return { verdict: 'stored', commitNo: number(), position: number(), firstVersions: times(number(), number) }
  if (kind === conflict)
    return conflictOf(
      { tenant: maybe(), aggregateType: text(), aggregateId: text() },
      either() as Expectation,
      number(),
    )
  return {
    verdict: 'duplicate',
    by: text() as 'command' | 'key',
    fingerprint: maybe(),
    header: toHeader(times(headerCells, cell)),
  }
}

interface CellReader {
  more(): boolean
  cell(): Sent
  text(): string
  number(): number
  maybe(): string | undefined
  maybeNumber(): number | undefined
  either(): string | number
  times<T>(count: number, read: () => T): readonly T[]
}

function reader(cells: Cells): CellReader {
  let at = 0
  return {
    more: () => at < cells.length,
    cell: () => cells[at++],
    text: () => cells[at++] as string,
    number: () => cells[at++] as number,
    maybe: () => cells[at++] as string | undefined,
    maybeNumber: () => cells[at++] as number | undefined,
    either: () => cells[at++] as string | number,
    times: (count, read) => {
      const list = []
      for (let index = 0; index < count; index += 1) list.push(read())
      return list
    },
  }
}
