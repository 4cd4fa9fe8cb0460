// The log store in memory: the last lines, as many as a number of bytes holds.
import type { Clock } from '../../time/clock.ts'
import { checkTenant, checkWhole } from '../check-text.ts'
import { storeClosed } from '../event/commit-queue.ts'
import { pageOf } from '../page.ts'
import { askLines, checkLogEntries, checkLogFilter, checkRetention, levelRank, tooOldBefore } from './check-lines.ts'
import type { LogEntry, LogFilter, LogStore, NewLogEntry } from './log-store.ts'

export interface LogBounds {
  /** Bytes of the lines in memory, where a character has two. */
  readonly bytesMax: number
}
const logBoundsDefault: LogBounds = { bytesMax: 32 * 1024 * 1024 }
/** What a line costs beside its texts. */
const lineBytes = 200

/** A log store that lives as long as its process. */
export function createMemoryLogStore(
  clock: Pick<Clock, 'nowUs'>,
  { bytesMax }: LogBounds = logBoundsDefault,
): LogStore {
  let lines: LogEntry[] = []
  let bytes = 0
  let lastId = 0
  let keptMs: number | undefined
  let closed = false
  const open = (): void => {
    if (closed) throw storeClosed()
  }
  /** Removes lines and returns how many they were. */
  const remove = (isGone: (line: LogEntry) => boolean): number => {
    const before = lines.length
    lines = lines.filter((line) => !isGone(line))
    bytes = lines.reduce((sum, line) => sum + bytesOf(line), 0)
    return before - lines.length
  }
  const removeOld = (): void => {
    const before = tooOldBefore(keptMs, clock.nowUs())
    if (before !== undefined) remove(({ at }) => at < before)
  }
  const append = (entries: readonly NewLogEntry[]): void => {
    for (const entry of entries) {
      const line = lineOf((lastId += 1), entry)
      lines.push(line)
      bytes += bytesOf(line)
    }
    removeOld()
    let first = 0
    for (; bytes > bytesMax && first < lines.length; first += 1) bytes -= bytesOf(lines[first] as LogEntry)
    lines.splice(0, first)
  }
  const matching = (filter: LogFilter): LogEntry[] => {
    open()
    checkLogFilter(filter)
    return lines.filter(matches(filter))
  }

  return {
    append: async (entries) => {
      open()
      checkLogEntries(entries)
      append(entries)
    },
    get: async (id) => {
      open()
      checkWhole(id, 'id of a line', 1)
      return lines.find((line) => line.id === id)
    },
    list: async (filter, page) => {
      const asked = askLines(filter, page)
      const found = matching(filter)
      if (filter.order !== 'oldest') found.reverse()
      const after = asked.after?.[0]
      const rest =
        after === undefined
          ? found.slice(asked.offset)
          : found.filter(({ id }) => (filter.order === 'oldest' ? id > after : id < after))
      return pageOf(asked, rest, ({ id }) => [id], asked.withTotal ? found.length : undefined)
    },
    total: async (filter = {}) => matching(filter).length,
    purge: async (before, tenant) => {
      open()
      checkWhole(before, 'time before which lines are removed, in microseconds,', 0)
      if (tenant !== undefined) checkTenant(tenant)
      return remove((line) => line.at < before && (tenant === undefined || line.tenant === tenant))
    },
    retention: async () => {
      open()
      return keptMs
    },
    setRetention: async (kept) => {
      open()
      checkRetention(kept)
      keptMs = kept
      removeOld()
    },
    reset: async (tenant) => {
      open()
      if (tenant !== undefined) checkTenant(tenant)
      remove((line) => tenant === undefined || line.tenant === tenant)
    },
    info: async () => {
      open()
      return { store: 'log', backend: 'memory', readOnly: false, items: lines.length, details: { bytes, bytesMax } }
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      lines = []
    },
  }
}

function lineOf(id: number, { level, at, tenant, text, traceId, fields }: NewLogEntry): LogEntry {
  return {
    id,
    level,
    at,
    tenant,
    text,
    ...(traceId !== undefined && { traceId }),
    ...(fields !== undefined && { fields }),
  }
}

function bytesOf({ text, fields = '' }: NewLogEntry): number {
  return lineBytes + (text.length + fields.length) * 2
}

function matches({ level, from, to, tenant, text, traceId }: LogFilter): (line: LogEntry) => boolean {
  const rank = level === undefined ? 0 : levelRank(level)
  const part = text === undefined ? undefined : lowerAscii(text)
  return (line) =>
    levelRank(line.level) >= rank &&
    (from === undefined || line.at >= from) &&
    (to === undefined || line.at < to) &&
    (tenant === undefined || line.tenant === tenant) &&
    (traceId === undefined || line.traceId === traceId) &&
    (part === undefined || lowerAscii(line.text).includes(part))
}

function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
}
