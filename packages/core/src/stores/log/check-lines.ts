// What every log store refuses: lines that cannot be kept exactly, and questions that backends would take differently.
// Adapters call these first; the conformance suite checks that they do.
import { checkPayloadSize } from '../../codec/json.ts'
import { GestaError } from '../../errors/gesta-error.ts'
import { checkJsonText, checkTenant, checkWhole } from '../check-text.ts'
import { askPage } from '../page.ts'
import type { AskedPage } from '../page.ts'
import type { PageRequest } from '../store.ts'
import { logLevels } from './log-store.ts'
import type { LogFilter, NewLogEntry } from './log-store.ts'

/** Errors: `invalid_key`, `invalid_output`, `payload_too_large`; plain ones for level and time. */
export function checkLogEntries(entries: readonly NewLogEntry[]): void {
  for (const { level, at, tenant, text, traceId, fields } of entries) {
    checkLevel(level)
    checkWhole(at, 'time of the line in microseconds', 0)
    checkTenant(tenant)
    checkText(text)
    checkPayloadSize(text, 'the line')
    if (traceId !== undefined) checkTraceId(traceId)
    if (fields === undefined) continue
    checkJsonText(fields, 'fields of the line')
    checkPayloadSize(fields, 'the fields of the line')
  }
}

/** Errors: `invalid_key`, `invalid_output`; plain ones for level, order and times. */
export function checkLogFilter({ level, from, to, tenant, text, traceId, order }: LogFilter): void {
  if (level !== undefined) checkLevel(level)
  if (from !== undefined) checkWhole(from, 'start of the time range in microseconds', 0)
  if (to !== undefined) checkWhole(to, 'end of the time range in microseconds', 0)
  if (tenant !== undefined) checkTenant(tenant)
  if (text !== undefined) checkText(text)
  if (traceId !== undefined) checkTraceId(traceId)
  if (order !== undefined && order !== 'newest' && order !== 'oldest')
    throw new Error(`Expected the order to be "newest" or "oldest", received "${String(order)}".`)
}

/** The checked question of a list; its cursor holds the id. Errors: those of `checkLogFilter`, `invalid_cursor`; a `RangeError`. */
export function askLines(filter: LogFilter, page: PageRequest | undefined): AskedPage<readonly [number]> {
  checkLogFilter(filter)
  const question = { ...filter, order: filter.order ?? 'newest' }
  return askPage({ list: 'log lines', question }, ['number'], page)
}

/** Lines before this time are too old at `nowUs`; absent: none are. */
export function tooOldBefore(keptMs: number | undefined, nowUs: number): number | undefined {
  return keptMs === undefined ? undefined : nowUs - keptMs * 1000
}

/** Throws a `RangeError` for what is no retention; a longer one than 100 years is a mistake in the unit. */
export function checkRetention(keptMs: number | undefined): void {
  if (keptMs !== undefined) checkWhole(keptMs, 'retention in milliseconds', 1, 3_155_760_000_000)
}

/** A level's place among the levels, from 0. Throws a plain error for an unknown one. */
export function levelRank(level: string): number {
  checkLevel(level)
  return logLevels.findIndex((known) => known === level)
}

function checkLevel(level: string): void {
  if (!logLevels.some((known) => known === level))
    throw new Error(`Expected the level to be one of ${logLevels.join(', ')}, received "${level}".`)
}

function checkText(text: string): void {
  if (typeof text === 'string' && text.isWellFormed() && !text.includes('\0')) return
  throw new GestaError(
    'invalid_output',
    'Expected the text of a line to be well-formed text without NUL, received other characters. Replace them first.',
    { facts: { what: 'text' } },
  )
}

function checkTraceId(traceId: string): void {
  if (/^[0-9a-f]{32}$/.test(traceId)) return
  throw new GestaError(
    'invalid_key',
    'Expected a trace id of 32 lower-case hexadecimal digits, received another text. Take it from the traceparent.',
    { facts: { what: 'trace id' } },
  )
}
