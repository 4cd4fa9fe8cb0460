// The text of a refresh token: `<session>.<256 random bits and a mark>`. Of the bits a store keeps the hash alone. The mark says that the
// session once gave this token out, so that an old one is told from a guess, and who guesses ends nobody's session.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

export interface RefreshToken {
  readonly session: string
  readonly secret: Buffer
}
const randomLength = 32
const markLength = 16
const nonceLength = 12
const tagLength = 16
const shape = /^([A-Za-z0-9][A-Za-z0-9:._-]{0,127})\.([\w-]{64})$/

/** Characters that a refresh token may have. */
export const refreshTokenLengthMax = 256

export function newRefreshSecret(markKey: Buffer): Buffer {
  const random = randomBytes(randomLength)
  return Buffer.concat([random, markOf(markKey, random)])
}
export function refreshTokenText({ session, secret }: RefreshToken): string {
  return `${session}.${secret.toString('base64url')}`
}
/** Absent: it is no refresh token at all. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  const [, session, secret] = shape.exec(text) ?? []
  return session === undefined || secret === undefined
    ? undefined
    : { session, secret: Buffer.from(secret, 'base64url') }
}

export function hashOfSecret(secret: Buffer): string {
  return createHash('sha256').update(secret).digest('base64url')
}
export function isHashOf(hash: string, secret: Buffer): boolean {
  return timingSafeEqual(Buffer.from(hash, 'base64url'), createHash('sha256').update(secret).digest())
}
/** Whether the session whose key this is gave the secret out. */
export function isMarked(markKey: Buffer, secret: Buffer): boolean {
  return timingSafeEqual(markOf(markKey, secret.subarray(0, randomLength)), secret.subarray(randomLength))
}
function markOf(markKey: Buffer, random: Buffer): Buffer {
  return createHmac('sha256', markKey).update(random).digest().subarray(0, markLength)
}

/** The successor, for whoever has the predecessor: the store alone cannot open it. */
export function sealSuccessor(predecessor: Buffer, successor: Buffer): string {
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', sealKeyOf(predecessor), nonce)
  return Buffer.concat([nonce, cipher.update(successor), cipher.final(), cipher.getAuthTag()]).toString('base64url')
}
export function openSuccessor(predecessor: Buffer, sealed: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', sealKeyOf(predecessor), bytes.subarray(0, nonceLength))
  decipher.setAuthTag(bytes.subarray(-tagLength))
  return Buffer.concat([decipher.update(bytes.subarray(nonceLength, -tagLength)), decipher.final()])
}
function sealKeyOf(predecessor: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', predecessor, '', 'gesta refresh successor', 32))
}
