// Lists of texts, numbers and bytes in the server's binary format: nothing is escaped on the way out or parsed on the way in, which is half
// the work of an append for the client. Format: `array_recv` in src/backend/utils/adt/arrayfuncs.c of PostgreSQL.

const headerBytes = 20
const lengthBytes = 4
const bigintBytes = 8
const [bytesOid, textOid, bigintOid] = [17, 25, 20]
const isNull = -1

/** A `text[]`; `undefined` is null. */
export function textArray(items: readonly (string | undefined)[]): Buffer {
  let bytes = headerBytes + lengthBytes * items.length
  for (const item of items) if (item !== undefined) bytes += Buffer.byteLength(item)
  const buffer = Buffer.allocUnsafe(bytes)
  let at = writeHeader(buffer, textOid, items.length)
  for (const item of items) {
    const length = item === undefined ? isNull : buffer.write(item, at + lengthBytes)
    buffer.writeInt32BE(length, at)
    at += lengthBytes + Math.max(0, length)
  }
  return buffer
}

/** A `bytea[]`. */
export function bytesArray(items: readonly Uint8Array[]): Buffer {
  let bytes = headerBytes + lengthBytes * items.length
  for (const item of items) bytes += item.length
  const buffer = Buffer.allocUnsafe(bytes)
  let at = writeHeader(buffer, bytesOid, items.length)
  for (const item of items) {
    at = buffer.writeInt32BE(item.length, at)
    buffer.set(item, at)
    at += item.length
  }
  return buffer
}

/** A `bigint[]` of whole numbers between -2^53 and 2^53; `undefined` is null. */
export function bigintArray(items: readonly (number | undefined)[]): Buffer {
  let bytes = headerBytes + lengthBytes * items.length
  for (const item of items) if (item !== undefined) bytes += bigintBytes
  const buffer = Buffer.allocUnsafe(bytes)
  let at = writeHeader(buffer, bigintOid, items.length)
  for (const item of items) {
    if (item === undefined) {
      at = buffer.writeInt32BE(isNull, at)
      continue
    }
    at = buffer.writeInt32BE(bigintBytes, at)
    at = buffer.writeInt32BE(Math.floor(item / 2 ** 32), at)
    at = buffer.writeUInt32BE(item >>> 0, at)
  }
  return buffer
}

/** Dimensions, whether there are nulls (the server looks for itself), type; length and first index of the only dimension. */
function writeHeader(buffer: Buffer, oid: number, length: number): number {
  let at = 0
  for (const number of [1, 0, oid, length, 1]) at = buffer.writeInt32BE(number, at)
  return at
}
