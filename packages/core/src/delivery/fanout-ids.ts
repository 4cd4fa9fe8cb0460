// Ids of events in a replay ring: the ring and the sequence in it, in one opaque text. Encrypted, because plain numbers would show
// callers how much is sent to others; and only the ring that made an id can read it, so that one of another ring is noticed.
import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Ids } from '../ids/ids.ts'

export interface RingIds {
  /** 22 characters. */
  id(sequence: number): string
  /** What an id of this ring names; `undefined` for any other text. */
  sequence(text: string): number | undefined
}

// One block: ring (8 bytes), sequence (8 bytes).
const blockBytes = 16
const ringBytes = 8
const idPattern = /^[\w-]{22}$/

/** Ids of one ring. Its key is fresh, so no two rings have an id in common. */
export function createRingIds(ids: Pick<Ids, 'bytes'>): RingIds {
  const key = ids.bytes(blockBytes)
  const ring = ids.bytes(ringBytes)
  // One cipher serves all ids: in ECB mode each block stands alone, and an id is one block.
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
  const decipher = createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false)
  const open = Buffer.alloc(blockBytes)
  open.set(ring)
  return {
    id: (sequence) => {
      open.writeUInt32BE(Math.floor(sequence / 2 ** 32), ringBytes)
      open.writeUInt32BE(sequence >>> 0, ringBytes + 4)
      return cipher.update(open).toString('base64url')
    },
    sequence: (text) => {
      const sealed = idPattern.test(text) ? Buffer.from(text, 'base64url') : undefined
      if (sealed?.length !== blockBytes) return undefined
      const opened = decipher.update(sealed)
      if (opened.compare(ring, 0, ringBytes, 0, ringBytes) !== 0) return undefined
      return opened.readUInt32BE(ringBytes) * 2 ** 32 + opened.readUInt32BE(ringBytes + 4)
    },
  }
}
