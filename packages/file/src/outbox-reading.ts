// From the lines of an outbox to its records: later lines win, what is done is left out, and a batch that is not all there is taken back.
import { GestaError } from '@gesta/core/ports'
import { isTorn } from './read-lines.ts'
import { readLine } from './outbox-record.ts'

/** Where a record is. */
export interface Entry {
  readonly id: string
  readonly offset: number
  /** Bytes of its line with the end. */
  readonly bytes: number
  readonly attempts: number
  readonly isReadable: boolean
  /** Whether its line has the id. What somebody else has written has none before it was marked. */
  readonly isNamed: boolean
}
/** How lines of an outbox begin. */
const begins = ['{"id":"', '{"batch":', '{"acked":']

export interface Reading {
  readonly entries: Map<string, Entry>
  line(line: Buffer, offset: number): void
  /** Where a batch begins that is not all there; its records are taken back. */
  unfinished(): number | undefined
  /** Whether there is something, and nothing of it is ours. */
  isForeign(tail: Buffer): boolean
}

/** Entries from the lines of a file, in their order. */
export function createReading(newId: () => string): Reading {
  const entries = new Map<string, Entry>()
  let known = 0
  let unknown = 0
  let batch: { readonly offset: number; left: number; readonly undo: (() => void)[] } | undefined
  const set = (entry: Entry): void => {
    const before = entries.get(entry.id)
    batch?.undo.push(() => (before === undefined ? entries.delete(entry.id) : entries.set(entry.id, before)))
    entries.set(entry.id, entry)
  }
  return {
    entries,
    line: (line, offset) => {
      const found = readLine(line)
      if (found.kind === 'unreadable' && found.id === undefined) unknown += 1
      else known += 1
      if (found.kind === 'record' || found.kind === 'unreadable') {
        const { id = newId(), attempts } = found
        const is = { isReadable: found.kind === 'record', isNamed: found.id !== undefined }
        set({ id, offset, bytes: line.byteLength + 1, attempts, ...is })
      }
      if (found.kind === 'acked') for (const id of found.ids) entries.delete(id)
      if (batch !== undefined && --batch.left === 0) batch = undefined
      if (found.kind === 'batch' && found.count > 0) batch = { offset, left: found.count, undo: [] }
    },
    unfinished: () => {
      for (const undo of batch?.undo.reverse() ?? []) undo()
      return batch?.offset
    },
    isForeign: (tail) => known === 0 && (unknown > 0 || !isTorn(tail, begins)),
  }
}

export function foreignOutbox(path: string): GestaError {
  return new GestaError(
    'store_foreign',
    `Expected ${path} to be an outbox, or an empty file, but none of its lines is a record. Choose another path.`,
    { facts: { path } },
  )
}
