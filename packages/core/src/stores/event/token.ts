// Tokens: a position and its log's incarnation in one opaque text. Encrypted, because plain numbers would show callers
// how much other tenants write, and bound to the log, so that a token of another one is noticed and never misread.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import type { Token } from '../../contracts/recorded-event.ts'
import { GestaError } from '../../errors/gesta-error.ts'
import type { LogIdentity } from './event-store.ts'

export interface Tokens {
  /** The token of a position, 22 characters. */
  token(position: number): Token
  /** The position of a token of this log. Errors: `invalid_token`, `diverged`. */
  position(token: string): number
}

// One block: mark (2 bytes), incarnation (6 bytes), position (8 bytes).
const mark = 0x6765
const blockBytes = 16
// Tokens are sealed a run of neighbouring positions at a time: one call into the cipher costs as much as 40 blocks in it.
const runBlocks = 32

/** Tokens of one log. */
export function createTokens({ incarnation, secret }: LogIdentity): Tokens {
  const key = createHash('sha256').update(`token ${secret}`).digest().subarray(0, blockBytes)
  const own = createHash('sha256').update(incarnation).digest().subarray(0, 6)
  // One cipher serves all tokens: in ECB mode each block stands alone, and a token is one block.
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
  const open = Buffer.alloc(blockBytes * runBlocks)
  for (let at = 0; at < open.length; at += blockBytes) {
    open.writeUInt16BE(mark, at)
    own.copy(open, at + 2)
  }
  let sealedRun = open
  let sealedFrom = -1

  const seal = (from: number): void => {
    for (let run = 0; run < runBlocks; run++) {
      const position = from + run
      open.writeUInt32BE(Math.floor(position / 2 ** 32), run * blockBytes + 8)
      open.writeUInt32BE(position >>> 0, run * blockBytes + 12)
    }
    sealedRun = cipher.update(open)
    sealedFrom = from
  }

  return {
    token: (position) => {
      const run = position % runBlocks
      if (position - run !== sealedFrom) seal(position - run)
      return sealedRun.toString('base64url', run * blockBytes, (run + 1) * blockBytes) as Token
    },
    position: (token) => {
      const sealed = Buffer.from(token, 'base64url')
      if (sealed.length !== blockBytes || sealed.toString('base64url') !== token) throw invalid()
      const opened = createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(sealed)
      if (opened.readUInt16BE(0) !== mark) throw invalid()
      if (opened.compare(own, 0, 6, 2, 8) !== 0) {
        throw new GestaError(
          'diverged',
          'The token belongs to another incarnation of the log: the store was restored and forked since. Read without it once, and take the new token.',
        )
      }
      return opened.readUInt32BE(8) * 2 ** 32 + opened.readUInt32BE(12)
    },
  }
}

function invalid(): GestaError {
  return new GestaError(
    'invalid_token',
    'Expected a token as a command of this app returned it, received another text. Pass tokens on unchanged.',
  )
}
