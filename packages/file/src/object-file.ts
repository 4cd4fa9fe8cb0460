// The file of one object: a line that says what it is, a line of JSON that says what is known of it, then its bytes.
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { GestaError } from '@gesta/core/ports'
import type { ObjectHead } from '@gesta/core/ports'
import { isFileError } from './file-errors.ts'

const firstLine = 'gesta object 1\n'
/** Bytes that are read for the two lines at first, and at most: names have 512 characters, of which each may be an escape. */
const headBytes = 1024
const headBytesMax = 16 * 1024
const lineFeed = 0x0a

interface ReadHead {
  readonly head: ObjectHead
  /** Where the content begins. */
  readonly start: number
}

/** The lines before the content. */
export function headLines(head: ObjectHead): Uint8Array {
  return Buffer.from(`${firstLine}${JSON.stringify(head)}\n`)
}

/** What is known of the object in a file; absent when there is no file. Errors: `store_foreign`, those of the file system. */
export function readHead(path: string): Promise<ObjectHead | undefined> {
  return withFile(path, async (file) => (await readHeadOf(file, path)).head)
}

/** The object in a file; absent when there is no file. Errors: `store_foreign`, those of the file system. */
export function readObject(
  path: string,
): Promise<{ readonly head: ObjectHead; readonly content: Uint8Array } | undefined> {
  return withFile(path, async (file) => {
    const { head, start } = await readHeadOf(file, path)
    const content = new Uint8Array(head.bytes)
    const length = await fill(file, content, start)
    if (length < head.bytes) throw damaged(path)
    return { head, content }
  })
}

async function withFile<Result>(
  path: string,
  read: (file: FileHandle) => Promise<Result>,
): Promise<Result | undefined> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    if (isFileError(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
  try {
    return await read(file)
  } finally {
    await file.close()
  }
}

async function readHeadOf(file: FileHandle, path: string): Promise<ReadHead> {
  const { size } = await file.stat()
  for (let length = headBytes; length <= headBytesMax; length *= 4) {
    const bytes = Buffer.alloc(Math.min(length, size))
    const found = parseHead(bytes.subarray(0, await fill(file, bytes, 0)), path)
    if (found === undefined) continue
    if (found.start + found.head.bytes !== size) throw damaged(path)
    return found
  }
  throw damaged(path)
}

/** Absent: the second line has not ended yet. */
function parseHead(bytes: Buffer, path: string): ReadHead | undefined {
  if (!bytes.toString('latin1').startsWith(firstLine)) throw damaged(path)
  const end = bytes.indexOf(lineFeed, firstLine.length)
  if (end === -1) return undefined
  try {
    return { head: JSON.parse(bytes.toString('utf8', firstLine.length, end)) as ObjectHead, start: end + 1 }
  } catch (cause) {
    throw damaged(path, cause)
  }
}

/** Reads from a place of the file until the array is full or the file ends; returns how many bytes there were. */
async function fill(file: FileHandle, into: Uint8Array, start: number): Promise<number> {
  let length = 0
  while (length < into.byteLength) {
    const { bytesRead } = await file.read(into, length, into.byteLength - length, start + length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return length
}

function damaged(path: string, cause?: unknown): GestaError {
  return new GestaError(
    'store_foreign',
    `Expected ${path} to be the file of an object, but it is another kind of file or damaged. Restore it from a backup, or remove it.`,
    { cause, facts: { path } },
  )
}
