// One-time codes: what a mail carries to prove that somebody reads it. A code counts once an event names it, and until it was used.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { isGestaError } from '@gesta/core'
import type { CredentialKey, Credentials, JsonValue } from '@gesta/core'

interface NewCode {
  readonly tenant: string
  readonly kind: 'verification' | 'reset' | 'invitation' | 'setUp'
  /** Whose it is; erased with everything of that subject. */
  readonly subject: string
  readonly lifetimeMs: number
  /** What travels with it, sealed, such as the address that was invited. */
  readonly data?: JsonValue | undefined
}
interface IssuedCode {
  /** For events. */
  readonly id: string
  /** For the mail, secret: `tenant.id.secret`, each in base64url. */
  readonly text: string
}
export interface FoundCode {
  readonly tenant: string
  readonly id: string
  readonly subject: string
  readonly data: JsonValue | undefined
}
export interface Codes {
  issue(code: NewCode): Promise<IssuedCode>
  /** The text of a code that was issued and not used, for the mail that carries it; absent: it has expired or was used. */
  textOf(code: Pick<NewCode, 'tenant' | 'kind'> & { readonly id: string }): Promise<string | undefined>
  /** What a text stands for; absent: nothing, any more. Takes the same time for wrong texts. The text names its tenant. */
  find(kind: NewCode['kind'], text: string): Promise<FoundCode | undefined>
  /** It can no longer be used. */
  remove(code: Pick<NewCode, 'tenant' | 'kind'> & { readonly id: string }): Promise<void>
}
/** What lies sealed under the code's id. */
interface Kept {
  readonly secret: string
  readonly data?: JsonValue | undefined
}

/** Characters that a text of a code may have. */
export const codeLengthMax = 1_024
const secretBytes = 32

export function createCodes({
  credentials,
  now,
}: {
  readonly credentials: Credentials
  /** Milliseconds since 1970. */
  readonly now: () => number
}): Codes {
  const live = async (key: CredentialKey) => {
    const found = await credentials.get(key)
    return found?.expiresAt !== undefined && found.expiresAt > now() * 1_000 ? found : undefined
  }
  return {
    issue: async ({ tenant, kind, subject, lifetimeMs, data }) => {
      const id = randomBytes(16).toString('base64url')
      const secret = randomBytes(secretBytes).toString('base64url')
      const value = data === undefined ? { secret } : { secret, data }
      const expiresAt = (now() + lifetimeMs) * 1_000
      if (!(await credentials.put(keyOf({ tenant, kind, id }), { subject, value, expiresAt }, 0)))
        throw new Error(`Two one-time codes were given the same id ${id}: the source of randomness is broken.`)
      return { id, text: textOf(tenant, id, secret) }
    },
    textOf: async (code) => {
      const found = await live(keyOf(code))
      return found && textOf(code.tenant, code.id, (found.value as unknown as Kept).secret)
    },
    find: async (kind, text) => {
      const said = partsOf(text)
      const found = await live(keyOf({ ...said, kind })).catch((error: unknown) => {
        // A tenant that no key can have is a wrong text like any other.
        if (isGestaError(error, 'invalid_key')) return undefined
        throw error
      })
      const kept = found?.value as unknown as Kept | undefined
      const isRight = timingSafeEqual(hashOf(said.secret), hashOf(kept?.secret ?? randomBytes(16).toString('hex')))
      if (found === undefined || !isRight) return undefined
      return { tenant: found.tenant, id: found.id, subject: found.subject, data: kept?.data }
    },
    remove: async (code) => {
      await credentials.remove(keyOf(code))
    },
  }
}

function keyOf({ tenant, kind, id }: Pick<NewCode, 'tenant' | 'kind'> & { readonly id: string }): CredentialKey {
  return { tenant, kind: `code-${kind}`, id }
}

function textOf(tenant: string, id: string, secret: string): string {
  return `${Buffer.from(tenant).toString('base64url')}.${id}.${secret}`
}

/** A text of another form becomes one that names nothing, so that it is looked up all the same. */
function partsOf(text: string): { readonly tenant: string; readonly id: string; readonly secret: string } {
  const found = text.length > codeLengthMax ? null : /^([\w-]*)\.([\w-]{22})\.([\w-]{43})$/.exec(text.trim())
  const [, tenant = '', id = 'none', secret = ''] = found ?? []
  return { tenant: Buffer.from(tenant, 'base64url').toString(), id, secret }
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
