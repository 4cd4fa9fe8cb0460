// Tokens: a position and its log's incarnation in one opaque text. Encrypted, because plain numbers would show callers
// how much other tenants write, and bound to the log, so that a token of another one is noticed and never misread. Behind
// them stands a mark of the commit that lies there: a backup that was restored and written on has another one in its place.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import type { Token } from '../../contracts/recorded-event.ts'
import { GestaError } from '../../errors/gesta-error.ts'
import type { LogIdentity } from './event-store.ts'

export interface Tokens {
  /**
   * The token of a position: 22 characters, and 5 more for the mark of the command whose last event lies there. A command without
   * events ends at somebody else's position, and leaves no mark.
   */
  token(position: number, commandId?: string): Token
  /** What a token of this log names. Errors: `invalid_token`, `diverged`. */
  place(token: string): TokenPlace
}
interface TokenPlace {
  readonly position: number
  /** The mark of the command that ended there; absent when there is none to compare, or this process gave the token out itself. */
  readonly mark: string | undefined
}

// One block: mark (2 bytes), incarnation (6 bytes), position (8 bytes).
const mark = 0x6765
const blockBytes = 16
// Tokens are sealed a run of neighbouring positions at a time: one call into the cipher costs as much as 40 blocks in it.
const runBlocks = 32
const sealedLength = 22
const markLength = 5
/** Tokens that are known to be right, because they were made here a short while ago. */
const recentTokens = 4_096

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
  const recent: (string | undefined)[] = Array.from({ length: recentTokens })

  const seal = (from: number): void => {
    for (let run = 0; run < runBlocks; run++) {
      const position = from + run
      open.writeUInt32BE(Math.floor(position / 2 ** 32), run * blockBytes + 8)
      open.writeUInt32BE(position >>> 0, run * blockBytes + 12)
    }
    sealedRun = cipher.update(open)
    sealedFrom = from
  }

  const positionOf = (text: string): number => {
    const sealed = Buffer.from(text, 'base64url')
    if (sealed.length !== blockBytes || sealed.toString('base64url') !== text) throw invalid()
    const opened = createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(sealed)
    if (opened.readUInt16BE(0) !== mark) throw invalid()
    if (opened.compare(own, 0, 6, 2, 8) !== 0) throw divergedToken()
    return opened.readUInt32BE(8) * 2 ** 32 + opened.readUInt32BE(12)
  }

  return {
    token: (position, commandId) => {
      const run = position % runBlocks
      if (position - run !== sealedFrom) seal(position - run)
      const sealed = sealedRun.toString('base64url', run * blockBytes, (run + 1) * blockBytes)
      if (commandId === undefined) return sealed as Token
      const token = `${sealed}${markOf(commandId)}` as Token
      recent[position % recentTokens] = token
      return token
    },
    place: (token) => {
      const position = positionOf(token.slice(0, sealedLength))
      const marked = token.slice(sealedLength)
      if (marked !== '' && !markPattern.test(marked)) throw invalid()
      const known = marked === '' || recent[position % recentTokens] === token
      return { position, mark: known ? undefined : marked }
    },
  }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const markPattern = /^[\w-]{5}$/

/** The mark of a command id: 30 bits of its FNV-1a hash. It guards against accidents; who changes it only refuses himself. */
export function markOf(commandId: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < commandId.length; at++) hash = Math.imul(hash ^ commandId.charCodeAt(at), 0x01000193)
  let text = ''
  for (let at = 0; at < markLength; at++) {
    text += alphabet[hash & 63]
    hash >>>= 6
  }
  return text
}

/** The token belongs to a history that the log no longer has. */
export function divergedToken(): GestaError {
  return new GestaError(
    'diverged',
    'The token belongs to another history of the log: the store was restored from a backup since. Read without it once, and take the new token.',
  )
}

function invalid(): GestaError {
  return new GestaError(
    'invalid_token',
    'Expected a token as a command of this app returned it, received another text. Pass tokens on unchanged.',
  )
}
