// References to secrets, as they stand in a source: `secret:<provider>:<place>`.
import type { SecretProvider } from './config-source.ts'

const prefix = 'secret:'

/** Whether a value refers to a secret, such as `secret:env:NAME`. */
export function isReference(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(prefix)
}

/** The store of secrets that a reference names, and the place there; `undefined` when it names none of them, or no place. */
export function findProvider(
  reference: string,
  providers: readonly SecretProvider[],
): { readonly provider: SecretProvider; readonly place: string } | undefined {
  const [, name, ...rest] = reference.split(':')
  const provider = providers.find((known) => known.name === name)
  return provider === undefined || rest.length === 0 ? undefined : { provider, place: rest.join(':') }
}

/** Whether administrators may set it. One that names no store is left to who resolves it, and tells what is wrong with it. */
export function isSettable(reference: string, providers: readonly SecretProvider[]): boolean {
  const found = findProvider(reference, providers)
  if (found === undefined) return true
  try {
    return found.provider.isSettable?.(found.place) === true
  } catch {
    return false
  }
}
