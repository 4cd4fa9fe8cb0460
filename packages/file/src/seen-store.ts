// The seen store in a file of JSON lines, for one process. All ids are in memory too; the file is what a restart reads:
//
//   {"mark":"mails","ids":["…","…"]}      these ids were marked, in this order
//   {"forget":"mails"}, {"forget":null}   one subscription was forgotten, or all
//
// Marks do not wait for the disk: a power cut can take the last ones, which only means that a redelivery is not noticed.
import { isUtf8 } from 'node:buffer'
import { dirname } from 'node:path'
import { checkSeen, checkSubscription, GestaError, storeClosed } from '@gesta/core/ports'
import type { Clock, SeenStore } from '@gesta/core/ports'
import { fileError } from './file-errors.ts'
import { lockFile } from './file-lock.ts'
import { createTurns } from './in-turn.ts'
import { openLineFile } from './line-file.ts'
import type { AtStep, LineFile } from './line-file.ts'
import { isTorn } from './read-lines.ts'
import { realPathOf } from './real-path.ts'
import { makeFolder } from './replace-file.ts'

export interface SeenFile {
  readonly path: string
  /** Ids that each subscription keeps. */
  readonly idsMax: number
  readonly clock: Pick<Clock, 'nowUs'>
  readonly atStep?: AtStep | undefined
}
/** By subscription, in the order of marks. */
type Marked = Map<string, Set<string>>

/** How the lines begin. */
const begins = ['{"mark":', '{"forget":']
/** Ids of one line when the file is written anew. */
const lineIdsMax = 1_000
/** Bytes below which the file is not written anew. */
const bytesMin = 64 * 1024

/** Errors: `store_locked`, `store_foreign`, `store_full`, `store_read_only`, `store_unavailable`. */
export async function openFileSeenStore({ path, idsMax, clock, atStep }: SeenFile): Promise<SeenStore> {
  const marked: Marked = new Map()
  const opened = new AsyncDisposableStack()
  try {
    await makeFolder(dirname(path))
    const real = await realPathOf(path)
    opened.use(await lockFile(real, clock))
    let lines = 0
    let known = 0
    const onLine = (line: Buffer): void => {
      lines += 1
      if (take(marked, line, idsMax)) known += 1
    }
    const { file, tail } = await openLineFile({ path: real, onLine, atStep })
    opened.use(file)
    if (known === 0 && (lines > 0 || !isTorn(tail, begins))) throw foreign(path)
    if (tail.byteLength > 0) await file.cut(file.size)
    return seenStore({ path, idsMax, file, marked, opened })
  } catch (error) {
    await opened.disposeAsync()
    throw fileError(error, path)
  }
}

interface OpenSeen {
  readonly path: string
  readonly idsMax: number
  readonly file: LineFile
  readonly marked: Marked
  readonly opened: AsyncDisposableStack
}

function seenStore({ path, idsMax, file, marked, opened }: OpenSeen): SeenStore {
  const turns = createTurns()
  let closing: Promise<void> | undefined
  /** Bytes of the file when it was written anew the last time: since then it may have doubled. */
  let writtenBytes = file.size
  const open = (): void => {
    if (closing !== undefined) throw storeClosed()
  }
  const write = (entry: object, apply: () => void): Promise<void> =>
    turns(async () => {
      try {
        await file.append(lineOf(entry), { flush: false })
        apply()
        if (file.size > 2 * writtenBytes + bytesMin) {
          await file.replace(linesOf(marked), () => (writtenBytes = file.size))
        }
      } catch (error) {
        throw fileError(error, path)
      }
    })
  const total = (): number => [...marked.values()].reduce((sum, { size }) => sum + size, 0)
  return {
    seen: async (subscription, ids) => {
      open()
      checkSeen(subscription, ids)
      const known = marked.get(subscription)
      return new Set(ids.filter((id) => known?.has(id)))
    },
    mark: async (subscription, ids) => {
      open()
      checkSeen(subscription, ids)
      if (ids.length === 0) return
      const copy = [...ids]
      await write({ mark: subscription, ids: copy }, () => mark(marked, subscription, copy, idsMax))
    },
    total: async (subscription) => {
      open()
      if (subscription === undefined) return total()
      checkSubscription(subscription)
      return marked.get(subscription)?.size ?? 0
    },
    reset: async (subscription) => {
      open()
      if (subscription !== undefined) checkSubscription(subscription)
      await write({ forget: subscription ?? null }, () => forget(marked, subscription))
    },
    info: async () => {
      open()
      const details = { path, fileBytes: file.size, idsMax }
      return { store: 'seen', backend: 'file', readOnly: false, items: total(), details }
    },
    [Symbol.asyncDispose]: () => (closing ??= turns(() => opened.disposeAsync())),
  }
}

function mark(marked: Marked, subscription: string, ids: readonly string[], idsMax: number): void {
  const known = marked.get(subscription) ?? new Set()
  marked.set(subscription, known)
  for (const id of ids) {
    known.delete(id)
    known.add(id)
  }
  for (const oldest of known) {
    if (known.size <= idsMax) break
    known.delete(oldest)
  }
}

function forget(marked: Marked, subscription: string | undefined): void {
  if (subscription === undefined) marked.clear()
  else marked.delete(subscription)
}

/** Does what a line says. `false`: it says nothing that is known here, and is left out. */
function take(marked: Marked, line: Buffer, idsMax: number): boolean {
  try {
    if (!isUtf8(line)) return false
    const { mark: marks, ids, forget: forgets } = JSON.parse(line.toString()) as Readonly<Record<string, unknown>>
    if (typeof marks === 'string' && Array.isArray(ids)) mark(marked, marks, ids as readonly string[], idsMax)
    else if (forgets === null || typeof forgets === 'string') forget(marked, forgets ?? undefined)
    else return false
    return true
  } catch {
    return false
  }
}

async function* linesOf(marked: Marked): AsyncGenerator<Uint8Array> {
  for (const [subscription, known] of marked) {
    const ids = [...known]
    for (let at = 0; at < ids.length; at += lineIdsMax)
      yield lineOf({ mark: subscription, ids: ids.slice(at, at + lineIdsMax) })
  }
}

function lineOf(entry: object): Buffer {
  return Buffer.from(`${JSON.stringify(entry)}\n`)
}

function foreign(path: string): GestaError {
  return new GestaError(
    'store_foreign',
    `Expected ${path} to be a file of seen events, or an empty one, but none of its lines is known. Choose another path.`,
    { facts: { path } },
  )
}
