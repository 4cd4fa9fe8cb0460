// The audit log as text for others: CSV for people and their spreadsheets, JSON Lines for programs.
import type { AuditFacts } from '../stores/audit/audit-entry.ts'
import type { StoredAuditEntry } from '../stores/audit/audit-log.ts'
import { timeText } from '../time/clock.ts'
import type { AuditFormat } from './app-audit.ts'

const ownColumns = ['tenant', 'sequence', 'recordedAt', 'action', 'actor', 'resource', 'outcome'] as const
const factColumns = [
  'reason',
  'account',
  'session',
  'impersonator',
  'address',
  'userAgent',
  'requestId',
  'correlationId',
] as const
const lastColumns = ['commandId', 'index', 'hash', 'data'] as const

/** What stands before the first entry. */
export function exportHeading(format: AuditFormat): string {
  return format === 'csv' ? csvRow([...ownColumns, ...factColumns, ...lastColumns]) : ''
}

/** JSON Lines hold each entry exactly, so that its chain can be verified; CSV has times and facts to read. */
export function exportEntries(format: AuditFormat, entries: readonly StoredAuditEntry[]): string {
  if (format === 'jsonl') return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
  return entries.map(csvEntry).join('')
}

function csvEntry(entry: StoredAuditEntry): string {
  const facts = factsOf(entry)
  const cells = { ...entry, recordedAt: timeOf(entry) }
  return csvRow([
    ...ownColumns.map((name) => String(cells[name])),
    ...factColumns.map((name) => textOf(facts[name])),
    ...lastColumns.map((name) => String(cells[name])),
  ])
}

// Whatever somebody has made of an entry in the store must not keep the rest from being exported.

/** The number where it is no time. */
function timeOf({ recordedAt }: StoredAuditEntry): string {
  try {
    return timeText(recordedAt)
  } catch {
    return String(recordedAt)
  }
}
function factsOf({ data }: StoredAuditEntry): AuditFacts {
  try {
    const facts: unknown = JSON.parse(data)
    return typeof facts === 'object' && facts !== null ? facts : {}
  } catch {
    return {}
  }
}
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** RFC 4180: cells that need it in quotation marks, which are doubled; lines end with CR LF. */
function csvRow(cells: readonly string[]): string {
  const texts = cells.map((cell) => {
    const text = cell.replaceAll(formulaStart, "$1'")
    return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  })
  return `${texts.join(',')}\r\n`
}
/**
 * Before what a spreadsheet would take for a formula, also behind white space and in full width; an apostrophe makes it text. Where lists
 * are separated by semicolons or tabs a spreadsheet begins a cell behind each of them, and behind each end of a line.
 */
const formulaStart = /(^|[;\t\r\n])(?=[[\s"']--[\t\r\n]]*[=+\-@\|%＝＋－＠])|^(?=[\t\r])/gv
