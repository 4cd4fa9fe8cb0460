// The text of an API key: it names its tenant and itself, so that it is found by its key; only its secret has to be hidden.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { CredentialKey } from '@gesta/core'
import { z } from 'zod'
import { tenantOfText, tenantText } from './key-session.ts'
import type { KeyName } from './key-session.ts'

/** Scanners of secrets know keys by it. */
export const keyPrefix = 'gesta_'
const secretBytes = 32
const pattern = /^gesta_([A-Za-z0-9_-]*)\.([0-9a-f-]{36})\.([A-Za-z0-9_-]{43})$/
/** Far above what the longest name of a tenant needs. */
const lengthMax = 2_400

/** What is kept of a key; whose it is, the subject says. */
export const keptKey: z.ZodType<KeptKey> = z.object({ hash: z.string(), expiresAt: z.string().optional() })
export interface KeptKey {
  /** SHA-256 of the secret, base64url. */
  readonly hash: string
  /** RFC 3339, UTC; absent: it does not expire. */
  readonly expiresAt?: string | undefined
}
export interface GivenKey extends KeyName {
  readonly secret: string
}

export function apiKeyKey({ tenant, key }: KeyName): CredentialKey {
  return { tenant, kind: 'api-key', id: key }
}

export function newSecret(): string {
  return randomBytes(secretBytes).toString('base64url')
}

export function textOfKey({ tenant, key, secret }: GivenKey): string {
  return `${keyPrefix}${tenantText(tenant)}.${key}.${secret}`
}

/** Absent: it is no key, whatever else it is. */
export function parseKey(text: string): GivenKey | undefined {
  if (text.length > lengthMax || !text.startsWith(keyPrefix)) return undefined
  const [, tenantPart, key, secret] = pattern.exec(text) ?? []
  const tenant = tenantPart === undefined ? undefined : tenantOfText(tenantPart)
  if (tenant === undefined || key === undefined || secret === undefined) return undefined
  return { tenant, key, secret }
}

export function hashOf(text: string): string {
  return hash('sha256', text, 'base64url')
}

/** In the same time whether there is a hash or not. */
export function isHashOf(hashed: string | undefined, secret: string): boolean {
  const given = Buffer.from(hashOf(secret))
  const known = hashed === undefined ? undefined : Buffer.from(hashed)
  const isSame = timingSafeEqual(given, known?.length === given.length ? known : Buffer.alloc(given.length))
  return isSame && known !== undefined
}
