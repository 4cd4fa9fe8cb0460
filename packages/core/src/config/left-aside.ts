// Stored values of which some are refused: which keys may be left aside, so that the others are in force nevertheless.
import { isDeepStrictEqual } from 'node:util'
import type { GestaError } from '../errors/gesta-error.ts'
import type { Candidate } from './candidate.ts'
import { administrator } from './config-source.ts'
import type { ConfigStep } from './config.ts'
import type { NamedValues } from './config-contracts.ts'
import type { StoredValues } from './managers.ts'
import { configError } from './problems.ts'
import type { ConfigProblem } from './problems.ts'

export interface LeavingAside {
  readonly candidate: Candidate
  /** Those that the candidate is made of. */
  readonly values: NamedValues
  /** Keys that were left aside, and why; absent: none. */
  readonly aside:
    | { readonly keys: readonly string[]; readonly step: ConfigStep; readonly error: GestaError }
    | undefined
}

/** Reads again without what is refused, as long as it may be left aside. `kept`: what such keys have instead; without it the other sources say it. */
export async function readLeavingAside(
  read: (values: NamedValues) => Promise<Candidate>,
  given: NamedValues,
  mayLeave: (path: string) => boolean,
  kept: NamedValues = {},
): Promise<LeavingAside> {
  const keys = new Set<string>()
  const problems: ConfigProblem[] = []
  let values = given
  let aside: LeavingAside['aside']
  for (;;) {
    const candidate = await read(values)
    if (candidate.ok) return { candidate, values, aside }
    const refused = refusedValues(candidate.error).filter(({ key }) => !keys.has(key) && mayLeave(key))
    if (refused.length === 0) return { candidate, values, aside }
    for (const { key } of refused) keys.add(key)
    problems.push(...refused)
    // A secret that nobody answered for may be had later, so the code that says so is the one that stays.
    const isLater = [candidate.error, aside?.error].some((error) => error?.code === 'secret_unavailable')
    const code = isLater ? 'secret_unavailable' : 'config_invalid'
    aside = { keys: [...keys], step: candidate.step, error: configError(code, problems, 'These keys are left aside.') }
    const without = Object.entries(values).filter(([path]) => !refused.some(({ key }) => key === path))
    const instead = Object.entries(kept).filter(([path]) => refused.some(({ key }) => key === path))
    values = Object.fromEntries([...without, ...instead])
  }
}

/** Problems of keys that administrators have set. */
function refusedValues({ facts }: GestaError): readonly (ConfigProblem & { readonly key: string })[] {
  const problems = (facts['problems'] ?? []) as readonly ConfigProblem[]
  return problems.flatMap((one) =>
    one.key !== undefined && one.source === administrator ? [{ ...one, key: one.key }] : [],
  )
}

/** What a process has refused of what was set, so that an old refusal does not keep out what is set later. */
export class Refusals {
  readonly #first = new Map<string, { readonly value: unknown; readonly version: number }>()

  /** Whether this value was refused in an earlier version. */
  isOld(path: string, { version, values }: StoredValues): boolean {
    const first = this.#first.get(path)
    return first !== undefined && first.version < version && isDeepStrictEqual(first.value, values[path])
  }
  /** `keys`: left aside while the process began, so they are old in every version. */
  aside(keys: readonly string[], { values }: StoredValues): void {
    for (const path of keys) this.#first.set(path, { value: values[path], version: 0 })
  }
  /** The version is refused as a whole, because of these. */
  note(error: GestaError, { version, values }: StoredValues): void {
    for (const { key } of refusedValues(error)) {
      const isKnown = this.#first.has(key) && isDeepStrictEqual(this.#first.get(key)?.value, values[key])
      if (!isKnown) this.#first.set(key, { value: values[key], version })
    }
  }
  clear(): void {
    this.#first.clear()
  }
}
