// The session that a caller with an API key has: it names the key, lives as long as it, and stands for no account that could sign in.
export interface KeyName {
  readonly tenant: string
  readonly key: string
}

/** Characters that the name of a tenant may have. */
const tenantLengthMax = 512
const sessionPattern = /^key:([A-Za-z0-9_-]*):([0-9a-f-]{36})$/

export function sessionOfKey({ tenant, key }: KeyName): string {
  return `key:${tenantText(tenant)}:${key}`
}

/** Absent: it is no key's. */
export function keyOfSession(session: string): KeyName | undefined {
  const [, text, key] = sessionPattern.exec(session) ?? []
  const tenant = text === undefined ? undefined : tenantOfText(text)
  return tenant === undefined || key === undefined ? undefined : { tenant, key }
}

/** The account that a service account is to contracts; no account has such an id. */
export function accountOfService(identity: string): string {
  return `service:${identity}`
}

export function tenantText(tenant: string): string {
  return Buffer.from(tenant).toString('base64url')
}

/** Absent: nobody writes a tenant so, or no store could have one of this name. */
export function tenantOfText(text: string): string | undefined {
  const tenant = Buffer.from(text, 'base64url').toString()
  const isStorable = tenant.length <= tenantLengthMax && !tenant.includes('\0')
  return isStorable && tenantText(tenant) === text ? tenant : undefined
}
