// A file of lines: adding some is all or nothing in this process, replacing all of them is all or nothing whatever happens. After a
// crash the last lines may be missing or the last one torn; whoever opens the file decides what of its end is kept.
import { constants } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { GestaError } from '@gesta/core/ports'
import { readFrom, readLines } from './read-lines.ts'
import type { OnLine } from './read-lines.ts'
import { flushFolder, makeFolder } from './replace-file.ts'

/** Told of each step before it is taken, for tests that end the process there. */
export type AtStep = (step: string) => void
export interface LineFileOptions {
  readonly path: string
  readonly onLine: OnLine
  readonly atStep?: AtStep | undefined
}
export interface LineFile extends AsyncDisposable {
  /** Bytes of the lines that are there. */
  readonly size: number
  /** Bytes of lines that are there. Errors: `store_foreign` when somebody else has cut the file. */
  read(offset: number, length: number): Promise<Buffer>
  /** Adds text that ends with a line feed. Rejects: nothing was added. `flush`: on the disk when it resolves; default yes. */
  append(text: Uint8Array, options?: { readonly flush?: boolean | undefined }): Promise<void>
  /**
   * Puts other text in place of all lines, on the disk when it resolves. `onReplaced` is called when the new lines are in place, and
   * whatever rejects before that has left the old ones; after it the disk may not know yet, and is told before anything else is done.
   */
  replace(parts: AsyncIterable<Uint8Array>, onReplaced: () => void): Promise<void>
  /** Removes everything from an offset on. */
  cut(size: number): Promise<void>
}

/** Only the owner of the process may read what events hold. */
const mode = 0o600

/** Opens the file, which is made when it is missing, and reads its lines. What follows the last line feed is left to `tail`. */
export async function openLineFile(
  options: LineFileOptions,
): Promise<{ readonly file: LineFile; readonly tail: Buffer }> {
  const { path, onLine, atStep } = options
  await makeFolder(dirname(path))
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT, mode)
  try {
    await flushFolder(dirname(path))
    await rm(asideOf(path), { force: true })
    const { size, tail } = await readLines(handle, path, onLine)
    return { file: lineFile(handle, path, size, atStep ?? (() => undefined)), tail }
  } catch (error) {
    await handle.close()
    throw error
  }
}

function lineFile(opened: FileHandle, path: string, wholeBytes: number, atStep: AtStep): LineFile {
  let handle = opened
  let size = wholeBytes
  /** What was done to the file and could not be finished: more must not be built on it. */
  let pending: (() => Promise<void>) | undefined
  const settle = async (): Promise<void> => {
    await pending?.()
    pending = undefined
  }
  const cut = async (): Promise<void> => {
    await handle.truncate(size)
    await handle.sync()
  }
  return {
    get size() {
      return size
    },
    read: async (offset, length) => {
      const bytes = await readFrom(handle, offset, length)
      if (bytes.byteLength < length) throw damaged(path)
      return bytes
    },
    append: async (text, { flush = true } = {}) => {
      await settle()
      try {
        atStep('append')
        await writeAll(handle, text, size)
        atStep('flush')
        if (flush) await handle.sync()
        atStep('appended')
      } catch (error) {
        pending = cut
        await settle().catch(() => undefined)
        throw error
      }
      size += text.byteLength
    },
    replace: async (parts, onReplaced) => {
      await settle()
      const aside = asideOf(path)
      let next: FileHandle | undefined
      let length = 0
      try {
        atStep('write aside')
        next = await open(aside, 'wx+', mode)
        for await (const part of parts) {
          await writeAll(next, part, length)
          length += part.byteLength
          atStep('part written')
        }
        await next.sync()
        atStep('rename')
        await rename(aside, path)
      } catch (error) {
        await next?.close().catch(() => undefined)
        await rm(aside, { force: true }).catch(() => undefined)
        throw error
      }
      const old = handle
      handle = next
      size = length
      onReplaced()
      await old.close().catch(() => undefined)
      // Until the name is on the disk, a power cut could bring the old file back, and with it lose what is added meanwhile.
      pending = () => flushFolder(dirname(path))
      atStep('flush folder')
      await settle()
      atStep('replaced')
    },
    cut: async (length) => {
      size = length
      pending = cut
      await settle()
    },
    [Symbol.asyncDispose]: async () => {
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
    },
  }
}

function asideOf(path: string): string {
  return `${path}.new`
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let written = 0; written < bytes.byteLength;) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.byteLength - written, offset + written)
    written += bytesWritten
  }
}

export function damaged(path: string): GestaError {
  return new GestaError(
    'store_foreign',
    `Expected ${path} to hold what was written there, but it was changed by somebody else, or damaged. Open it again, and leave it alone meanwhile.`,
    { facts: { path } },
  )
}
