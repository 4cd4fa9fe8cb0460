// The records of an outbox in their order, over the lines of its file. A change writes the file anew when that is small, or would hold
// more of what is gone than of what is there; else it adds lines, so that a backlog is not copied for every batch.
import { openLineFile } from './line-file.ts'
import type { AtStep, LineFile } from './line-file.ts'
import { createReading, foreignOutbox } from './outbox-reading.ts'
import type { Entry } from './outbox-reading.ts'
import { ackedLine, batchLine, readLine } from './outbox-record.ts'
import { lineFeed } from './read-lines.ts'

interface Change {
  readonly removed: readonly string[]
  /** New lines of records, by id. */
  readonly updated: ReadonlyMap<string, { readonly line: Buffer; readonly attempts: number }>
}
export interface OutboxLog extends AsyncDisposable {
  /** By id, in order. */
  readonly entries: ReadonlyMap<string, Entry>
  /** The bytes of the file. */
  readonly size: number
  /** The line of a record without its end. */
  read(entry: Entry): Promise<Buffer>
  /** Adds batches of records; of each all lines or none are there after a crash. Rejects: none was added. */
  add(batches: readonly (readonly NewRecord[])[]): Promise<void>
  /** Rejects: nothing was changed, unless only the disk could not be told. */
  change(change: Change): Promise<void>
  /** Removes records that are kept elsewhere from what is delivered, whatever becomes of the file. */
  forget(ids: readonly string[]): void
}
export interface NewRecord {
  readonly id: string
  readonly line: Buffer
}

/** A file of this size is written anew for every change, so that it shows what is there. */
const smallBytes = 64 * 1024
/** Bytes that are copied at a time. */
const copyBytes = 1024 * 1024

/** Errors: `store_foreign`, those of the file system. */
export async function openOutboxLog(path: string, newId: () => string, atStep: AtStep | undefined): Promise<OutboxLog> {
  const reading = createReading(newId)
  const { file, tail } = await openLineFile({ path, onLine: reading.line, atStep })
  try {
    if (reading.isForeign(tail)) throw foreignOutbox(path)
    // A record whose line end is missing is whole, so it is given its end; what else is left of a write is removed.
    const isWhole = tail.byteLength > 0 && readLine(tail).kind === 'record'
    if (isWhole) reading.line(tail, file.size)
    const begun = reading.unfinished()
    if (begun !== undefined) await file.cut(begun)
    else if (tail.byteLength > 0) await file.cut(file.size)
    if (begun === undefined && isWhole) await file.append(Buffer.concat([tail, Buffer.of(lineFeed)]))
    return outboxLog(file, reading.entries)
  } catch (error) {
    await file[Symbol.asyncDispose]()
    throw error
  }
}

function outboxLog(file: LineFile, entries: Map<string, Entry>): OutboxLog {
  let liveBytes = 0
  for (const { bytes } of entries.values()) liveBytes += bytes
  const put = (id: string, entry: Entry | undefined): void => {
    liveBytes += (entry?.bytes ?? 0) - (entries.get(id)?.bytes ?? 0)
    if (entry === undefined) entries.delete(id)
    else entries.set(id, entry)
  }
  const appended = async (batches: readonly (readonly Line[])[]): Promise<void> => {
    const start = file.size
    await file.append(Buffer.concat(batches.flatMap((batch) => batch.map(({ bytes }) => bytes))))
    let offset = start
    for (const { bytes, entry } of batches.flat()) {
      if (entry !== undefined) put(entry.id, { ...entry, offset, bytes: bytes.byteLength })
      offset += bytes.byteLength
    }
  }
  const rewritten = async (removed: ReadonlySet<string>, updated: Change['updated']): Promise<void> => {
    const kept = [...entries.values()].filter(({ id }) => !removed.has(id))
    await file.replace(partsOf(file, kept, updated), () => {
      let offset = 0
      for (const id of removed) put(id, undefined)
      for (const entry of kept) {
        const update = updated.get(entry.id)
        const { line, attempts } = update ?? { line: { byteLength: entry.bytes }, attempts: entry.attempts }
        put(entry.id, {
          ...entry,
          offset,
          bytes: line.byteLength,
          attempts,
          isNamed: entry.isNamed || update !== undefined,
        })
        offset += line.byteLength
      }
    })
  }
  return {
    entries,
    get size() {
      return file.size
    },
    read: ({ offset, bytes }) => file.read(offset, bytes - 1),
    add: (batches) =>
      appended(
        batches.map((records) => inBatch(records.map(({ id, line }) => ({ bytes: line, entry: { ...newEntry, id } })))),
      ),
    change: async ({ removed, updated }) => {
      const gone = removed.filter((id) => entries.has(id))
      const lines: Line[] = [...updated].flatMap(([id, { line, attempts }]) => {
        const entry = entries.get(id)
        return entry === undefined ? [] : [{ bytes: line, entry: { ...entry, attempts } }]
      })
      let live = liveBytes
      for (const { bytes, entry } of lines) live += bytes.byteLength - (entries.get(entry?.id ?? '')?.bytes ?? 0)
      for (const id of gone) live -= entries.get(id)?.bytes ?? 0
      // Last, because what is done is not undone when the lines before it are not all there.
      if (gone.length > 0) lines.push({ bytes: ackedLine(gone), entry: undefined })
      if (lines.length === 0) return
      const size = lines.reduce((sum, { bytes }) => sum + bytes.byteLength, file.size)
      // What has no id in the file cannot be named by a later line.
      const isNamed = [...gone, ...updated.keys()].every((id) => entries.get(id)?.isNamed ?? true)
      if (!isNamed || size + smallBytes >= 2 * live) return rewritten(new Set(gone), updated)
      await appended([inBatch(lines)])
      for (const id of gone) put(id, undefined)
    },
    forget: (ids) => {
      for (const id of ids) put(id, undefined)
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  }
}

interface Line {
  readonly bytes: Buffer
  /** The record that it is of. */
  readonly entry: Omit<Entry, 'offset' | 'bytes'> | undefined
}
const newEntry = { attempts: 0, isReadable: true, isNamed: true }

/** Lines that count together; a single one needs no mark. */
function inBatch(lines: readonly Line[]): readonly Line[] {
  return lines.length > 1 ? [{ bytes: batchLine(lines.length), entry: undefined }, ...lines] : lines
}

/** The lines of records in order, those that lie together in one piece. */
async function* partsOf(
  file: LineFile,
  kept: readonly Entry[],
  updated: Change['updated'],
): AsyncGenerator<Uint8Array> {
  let start = 0
  let end = 0
  async function* piece(): AsyncGenerator<Uint8Array> {
    for (; start < end; start += copyBytes) yield await file.read(start, Math.min(copyBytes, end - start))
  }
  for (const { id, offset, bytes } of kept) {
    const update = updated.get(id)
    if (update === undefined && offset === end) {
      end += bytes
      continue
    }
    yield* piece()
    if (update !== undefined) yield update.line
    start = update === undefined ? offset : 0
    end = update === undefined ? offset + bytes : 0
  }
  yield* piece()
}
