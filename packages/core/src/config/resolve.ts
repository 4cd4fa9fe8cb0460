// What stands behind references to secrets.
import { redactError } from '../errors/redact-error.ts'
import { findGestaError } from '../errors/gesta-error.ts'
import { closest } from '../schema/options.ts'
import type { SecretProvider } from './config-source.ts'
import type { MergedValue } from './merge.ts'
import type { ConfigProblem } from './problems.ts'
import { findProvider } from './reference.ts'

/** Asks all providers at once. A secret that cannot be had is a problem of its key; never throws. */
export async function resolveSecrets(
  references: readonly (MergedValue & { readonly value: string })[],
  providers: readonly SecretProvider[],
  limited: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>,
): Promise<{ readonly texts: ReadonlyMap<string, string>; readonly problems: readonly ConfigProblem[] }> {
  const texts = new Map<string, string>()
  const problems: ConfigProblem[] = []
  const resolve = async ({ key, value, origin }: MergedValue & { readonly value: string }): Promise<void> => {
    const about = { problem: 'unresolved_secret', key: key.path, ...origin } as const
    const name = value.split(':')[1] ?? ''
    const found = findProvider(value, providers)
    if (found === undefined) {
      const names = providers.map((known) => known.name)
      const near = closest(name, names)
      const expected = `a reference like secret:<provider>:<place>, of the providers ${names.join(', ') || 'none'}`
      return void problems.push({ ...about, expected, ...(near !== undefined && { hint: `Did you mean "${near}"?` }) })
    }
    try {
      const text: unknown = await limited((signal) => found.provider.resolve(found.place, signal))
      if (typeof text === 'string') texts.set(key.path, text)
      else problems.push({ ...about, expected: `a text from the provider ${name}`, received: 'something else' })
    } catch (cause) {
      // What a foreign error says may hold what it was given.
      const told = findGestaError(cause)?.message ?? redactError(cause)
      problems.push({ ...about, expected: `its secret from the provider ${name}`, received: `an error (${told})` })
    }
  }
  await Promise.all(references.map(resolve))
  return { texts, problems }
}
