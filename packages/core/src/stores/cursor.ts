// Cursors: the key of the last item of a page as one text, bound to the question that the page answered, so that the cursor of
// another tenant, filter or order is refused and never misread. Numbers of a log are encrypted as well: plain ones would show
// callers how much other tenants write. Other keys are those of items that the caller was shown, and lie open.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { canonical } from '../codec/canonical.ts'
import { GestaError } from '../errors/gesta-error.ts'

/** What orders a list and tells its items apart: texts and whole numbers, in the order in which they are compared. */
export type CursorShape = readonly ('text' | 'number')[]
export type CursorKey<Shape extends CursorShape> = {
  readonly [At in keyof Shape]: Shape[At] extends 'number' ? number : string
}

/** Which list is asked for. */
export interface ListQuestion {
  /** The list's name, unique among all lists. */
  readonly list: string
  /** What narrows and orders the list, as plain data; fields that are `undefined` are absent. */
  readonly question: unknown
  /** Encrypts the cursors of a list whose key is one number. */
  readonly secret?: string | undefined
}
/** What the cursors of one question have in common: plain data, for the way to another thread. */
export interface CursorSeal {
  readonly list: string
  /** 8 bytes of the question's hash, in hexadecimal. */
  readonly question: string
  readonly secret: string | undefined
}

const questionBytes = 8
const blockBytes = 16

export function cursorSeal({ list, question, secret }: ListQuestion): CursorSeal {
  const hash = createHash('sha256')
    .update(canonical([list, question]))
    .digest('hex')
  return { list, question: hash.slice(0, questionBytes * 2), secret }
}

/** The cursor after the item with this key. */
export function sealCursor({ question, secret }: CursorSeal, key: readonly (string | number)[]): string {
  if (secret === undefined) return Buffer.from(JSON.stringify([question, ...key])).toString('base64url')
  // One block: question (8 bytes), number (8 bytes). Whoever changes a bit of it changes the question.
  const block = Buffer.alloc(blockBytes)
  block.write(question, 'hex')
  block.writeBigInt64BE(BigInt(key[0] as number), questionBytes)
  const cipher = createCipheriv('aes-128-ecb', cipherKey(secret), null).setAutoPadding(false)
  return cipher.update(block).toString('base64url')
}

/** The key that a cursor of this question holds. Errors: `invalid_cursor`. */
export function openCursor<Shape extends CursorShape>(
  seal: CursorSeal,
  shape: Shape,
  cursor: string,
): CursorKey<Shape> {
  const [question, ...key] = seal.secret === undefined ? openParts(cursor) : decryptedParts(cursor, seal.secret)
  if (question !== seal.question || key.length !== shape.length || !key.every((part, at) => fits(part, shape[at]))) {
    throw new GestaError(
      'invalid_cursor',
      `Expected a cursor of the list of ${seal.list} and of the same question, received another text. Pass on the cursor of the page before, unchanged, with the same filter and order.`,
      { facts: { list: seal.list } },
    )
  }
  return key as CursorKey<Shape>
}

function openParts(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(parts) ? parts : []
  } catch {
    return []
  }
}

function decryptedParts(cursor: string, secret: string): readonly unknown[] {
  const sealed = Buffer.from(cursor, 'base64url')
  if (sealed.length !== blockBytes || sealed.toString('base64url') !== cursor) return []
  const block = createDecipheriv('aes-128-ecb', cipherKey(secret), null).setAutoPadding(false).update(sealed)
  return [block.toString('hex', 0, questionBytes), Number(block.readBigInt64BE(questionBytes))]
}

/** Another key than that of tokens, so that neither is ever taken for the other. */
function cipherKey(secret: string): Buffer {
  return createHash('sha256').update(`cursor ${secret}`).digest().subarray(0, blockBytes)
}

/** Whether a part is what a list can have sealed: a cursor comes back from outside. */
function fits(part: unknown, kind: CursorShape[number] | undefined): boolean {
  if (kind === 'number') return Number.isSafeInteger(part)
  return typeof part === 'string' && part.isWellFormed() && !part.includes('\0')
}
