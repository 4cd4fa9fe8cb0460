// When a key was last used, as far as is known: noted beside the request, at most once in ten minutes, and lost without harm.
import type { CredentialKey, Credentials } from '@gesta/core'
import { z } from 'zod'
import type { KeyName } from './key-session.ts'

const stepMs = 600_000
const use = z.object({ at: z.number() })

export function useKey({ tenant, key }: KeyName): CredentialKey {
  return { tenant, kind: 'api-key-use', id: key }
}

/** Goes on by itself: no request waits for it or fails by it. */
export function noteUse(credentials: Credentials, name: KeyName, identity: string, at: number): void {
  const note = async (): Promise<void> => {
    const row = await credentials.get(useKey(name))
    if (row !== undefined && use.parse(row.value).at > at - stepMs) return
    await credentials.put(useKey(name), { subject: identity, value: { at } }, row?.version ?? 0)
  }
  // Whoever else noted it meanwhile has noted the same, and a store that fails tells whoever asks it for more.
  note().catch(() => undefined)
}

/** RFC 3339, UTC. Absent: it is not known that it was used. */
export async function lastUseOf(credentials: Credentials, name: KeyName): Promise<string | undefined> {
  const row = await credentials.get(useKey(name))
  return row === undefined ? undefined : new Date(use.parse(row.value).at).toISOString()
}
