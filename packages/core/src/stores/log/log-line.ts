// A logger's line as an entry of the log store. Lines are JSON as pino writes it; any other text is an `info` line. Whatever the
// line holds, what comes out can be stored.
import { checkKey } from '../../codec/key-text.ts'
import { isGestaError } from '../../errors/gesta-error.ts'
import type { LogLevel, NewLogEntry } from './log-store.ts'
import { logLevels } from './log-store.ts'

/** Characters of a line's text, and of its fields, that are kept. */
const charactersMax = 64 * 1024

/**
 * Reads `level` (pino's numbers or a name), `time` (milliseconds or RFC 3339), `msg` or `message`, `tenant`, and `traceId`, `trace_id`
 * or `traceparent`; all other fields are kept as they are. `nowUs` is the time of a line that has none.
 */
export function toLogEntry(line: string, nowUs: number): NewLogEntry {
  const parsed = parse(line)
  if (parsed === undefined) return { level: 'info', at: nowUs, tenant: '', text: shorten(line) }
  const { level, time, msg, message, tenant, traceId, trace_id, traceparent, ...rest } = parsed
  const trace = traceOf(traceId) ?? traceOf(trace_id) ?? traceOf(String(traceparent).split('-')[1])
  const fields = fieldsOf(rest)
  return {
    level: levelOf(level),
    at: timeOf(time) ?? nowUs,
    tenant: tenantOf(tenant),
    text: shorten(textOf(msg ?? message)),
    ...(trace !== undefined && { traceId: trace }),
    ...(fields !== undefined && { fields }),
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** Pino's levels are 10 for trace to 60 for fatal; one between them is the lower one. */
function levelOf(level: unknown): LogLevel {
  if (typeof level === 'number') return logLevels[Math.min(Math.max(Math.floor(level / 10) - 1, 0), 5)] ?? 'info'
  return logLevels.find((known) => known === level) ?? 'info'
}

function timeOf(time: unknown): number | undefined {
  const ms = typeof time === 'string' ? Date.parse(time) : time
  const us = typeof ms === 'number' ? Math.round(ms * 1000) : Number.NaN
  return Number.isSafeInteger(us) && us >= 0 ? us : undefined
}

function tenantOf(tenant: unknown): string {
  if (typeof tenant !== 'string' || tenant === '') return ''
  try {
    checkKey(tenant, 'tenant')
    return tenant
  } catch (error) {
    if (isGestaError(error)) return ''
    throw error
  }
}

function traceOf(traceId: unknown): string | undefined {
  return typeof traceId === 'string' && /^[0-9a-f]{32}$/.test(traceId) ? traceId : undefined
}

function textOf(message: unknown): string {
  if (message === undefined) return ''
  return typeof message === 'string' ? message : JSON.stringify(message)
}

function fieldsOf(rest: Readonly<Record<string, unknown>>): string | undefined {
  const text = JSON.stringify(rest)
  if (text === '{}') return undefined
  return text.length <= charactersMax ? text : JSON.stringify({ leftOutCharacters: text.length })
}

function shorten(text: string): string {
  const kept = text.length <= charactersMax ? text : `${text.slice(0, charactersMax)}…`
  return kept.toWellFormed().replaceAll('\0', '\ufffd')
}
