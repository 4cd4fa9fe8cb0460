// Recovery codes: ten texts that each stand in for a code once, for who has lost the authenticator. 120 bits each, kept as hashes.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { CredentialKey, Credentials } from '@gesta/core'
import { systemTenant } from '@gesta/core'
import { z } from 'zod'

const count = 10
/** More than 112 bits, so that a plain hash keeps them. */
const codeBytes = 15
/** Crockford's base 32: nothing that people take for something else. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const codeLength = (codeBytes * 8) / 5
const groupLength = 4

const kept: z.ZodType<Kept> = z.object({
  left: z.array(z.string()),
  last: z.object({ hash: z.string(), use: z.string() }).optional(),
})
interface Kept {
  /** Hashes of those that were not used. */
  readonly left: readonly string[]
  /** The last one that was, and by which use, so that a handler which runs again finds its own. */
  readonly last?: { readonly hash: string; readonly use: string } | undefined
}

export function recoveryKey(id: string): CredentialKey {
  return { tenant: systemTenant, kind: 'recovery-codes', id }
}

/** The codes, for the person alone; and what is kept of them. */
export function newRecoveryCodes(): { readonly codes: readonly string[]; readonly kept: { readonly left: string[] } } {
  const codes = Array.from({ length: count }, newCode)
  return { codes, kept: { left: codes.map((code) => hashOf(plain(code))) } }
}

/** Whether a text is one of the codes, and is used up by this use: of two that bring the same one, one is told yes. */
export async function takeRecoveryCode(
  credentials: Credentials,
  id: string,
  text: string,
  use: string,
): Promise<boolean> {
  const code = plain(text)
  if (code.length !== codeLength) return false
  const hashed = hashOf(code)
  for (;;) {
    const row = await credentials.get(recoveryKey(id))
    if (row === undefined) return false
    const { left, last } = kept.parse(row.value)
    if (last !== undefined && last.use === use && isSame(last.hash, hashed)) return true
    const others = left.filter((one) => !isSame(one, hashed))
    if (others.length === left.length) return false
    const value = { left: others, last: { hash: hashed, use } }
    if (await credentials.put(recoveryKey(id), { subject: row.subject, value }, row.version)) return true
  }
}

function newCode(): string {
  const bits = [...randomBytes(codeBytes)].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const code = bits.replace(/.{5}/g, (five) => letters[Number.parseInt(five, 2)] as string)
  return code.match(new RegExp(`.{${groupLength}}`, 'g'))?.join('-') ?? code
}

/** As it was made, however it was typed. */
function plain(text: string): string {
  return text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')
}

function hashOf(code: string): string {
  return hash('sha256', code, 'base64url')
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
}
