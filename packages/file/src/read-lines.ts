// Reading a file of lines, from its beginning, without holding all of it.
import type { FileHandle } from 'node:fs/promises'
import { GestaError } from '@gesta/core/ports'

/** Called for each whole line, without its end, and where it begins. */
export type OnLine = (line: Buffer, offset: number) => void

export const lineFeed = 0x0a
const chunkBytes = 1024 * 1024
/** A line that is longer was written by nobody here. */
const lineBytesMax = 64 * 1024 * 1024

/** What lies at an offset: fewer bytes than asked for at the end of the file. */
export async function readFrom(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

/** Calls for every whole line; the bytes of all of them, and what follows the last one. */
export async function readLines(
  handle: FileHandle,
  path: string,
  onLine: OnLine,
): Promise<{ readonly size: number; readonly tail: Buffer }> {
  let begun: Buffer[] = []
  let begunBytes = 0
  let size = 0
  for (let offset = 0; ;) {
    const chunk = await readFrom(handle, offset, chunkBytes)
    if (chunk.byteLength === 0) return { size, tail: Buffer.concat(begun) }
    offset += chunk.byteLength
    let start = 0
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      const line = Buffer.concat([...begun, chunk.subarray(start, end)])
      onLine(line, size)
      size += line.byteLength + 1
      begun = []
      begunBytes = 0
      start = end + 1
    }
    begun.push(chunk.subarray(start))
    begunBytes += chunk.byteLength - start
    if (begunBytes > lineBytesMax) throw tooLong(path)
  }
}

function tooLong(path: string): GestaError {
  return new GestaError(
    'store_foreign',
    `Expected ${path} to be a file of lines, but it has one of more than ${lineBytesMax} bytes. Choose another file.`,
    { facts: { path } },
  )
}

/** Whether what follows the last line feed is nothing, the beginning of one of our lines, or what a power cut leaves of one. */
export function isTorn(tail: Buffer, begins: readonly string[]): boolean {
  const text = tail.subarray(0, 64).toString('latin1')
  return begins.some((begin) => text.startsWith(begin) || begin.startsWith(text)) || tail.every((byte) => byte === 0)
}
