// A candidate: what the sources say now, read, merged, checked and with its secrets; or the step at which it failed, and why.
import { findGestaError, GestaError } from '../errors/gesta-error.ts'
import { redactError } from '../errors/redact-error.ts'
import type { Clock } from '../time/clock.ts'
import { unlessAborted } from '../time/unless-aborted.ts'
import type { ConfigStep } from './config.ts'
import { sourceKinds } from './config-source.ts'
import type { ConfigSource, ReadLayer, SecretProvider } from './config-source.ts'
import type { ConfigGroup, ConfigKey } from './keys.ts'
import { mergeLayers } from './merge.ts'
import { configError } from './problems.ts'
import type { ConfigProblem } from './problems.ts'
import { resolveSecrets } from './resolve.ts'
import { textValue } from './text-value.ts'
import { checkValue, validate, wrapped } from './validate.ts'
import type { ValidValue } from './validate.ts'

export interface CandidateParts {
  readonly keys: readonly ConfigKey[]
  readonly group: ConfigGroup
  readonly sources: readonly ConfigSource[]
  readonly secrets: readonly SecretProvider[]
  /** What each source said when it could be read last. */
  readonly lastRead: Map<ConfigSource, ReadLayer>
  readonly readTimeoutMs: number
  readonly clock: Pick<Clock, 'after'>
}
export type Candidate =
  | { readonly ok: true; readonly values: ReadonlyMap<string, ValidValue> }
  | { readonly ok: false; readonly step: ConfigStep; readonly error: GestaError }

/**
 * `above`: the strongest layer, of what an administrator has set. `isTrial`: what a source said last stands in while it cannot be read, so
 * that new values are checked then too. Never rejects, unless `signal` aborts.
 */
export async function readCandidate(
  parts: CandidateParts,
  above: ReadLayer | undefined,
  signal: AbortSignal,
  isTrial = false,
): Promise<Candidate> {
  try {
    return await candidateOf(parts, above, signal, isTrial)
  } catch (cause) {
    signal.throwIfAborted()
    // What is foreign here, such as a source's `where`, may hold values in its words.
    const message = `Expected sources that can be merged, received an error (${redactError(cause)}).`
    return failed('parse', new GestaError('config_unreadable', message))
  }
}

async function candidateOf(
  parts: CandidateParts,
  above: ReadLayer | undefined,
  signal: AbortSignal,
  isTrial: boolean,
): Promise<Candidate> {
  const { keys, group, secrets, lastRead } = parts
  const limited = <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => within(parts, signal, work)
  const layers: ReadLayer[] = []
  const unread: ConfigProblem[] = []
  const reading = ordered(parts.sources).map(
    async (source) => [source, await readSource(source, keys, limited)] as const,
  )
  const read = await Promise.all(reading)
  signal.throwIfAborted()
  for (const [source, answer] of read) {
    if ('values' in answer) lastRead.set(source, answer)
    const layer = 'values' in answer ? answer : isTrial ? lastRead.get(source) : undefined
    if (layer !== undefined) layers.push(layer)
    else if ('problem' in answer) unread.push(answer)
  }
  if (unread.length > 0)
    return failed('parse', configError('config_unreadable', unread, 'Mend the source; it is read again then.'))
  const merged = mergeLayers(keys, group, above === undefined ? layers : [...layers, above])
  const { values, references, problems } = validate(keys, merged, secrets)
  if (problems.length > 0)
    return failed('validate', configError('config_invalid', problems, 'Correct what is listed here.'))
  if (references.length === 0) return { ok: true, values }

  const resolved = await resolveSecrets(references, secrets, limited)
  signal.throwIfAborted()
  if (resolved.problems.length > 0)
    return failed(
      'resolve',
      configError('secret_unavailable', resolved.problems, 'Correct the references, or see why.'),
    )
  const all = new Map(values)
  const wrong: ConfigProblem[] = []
  for (const { key, origin } of references) {
    const value = textValue(key, resolved.texts.get(key.path) ?? '')
    const checked = checkValue({ key, value, origin })
    if ('problem' in checked) wrong.push(checked.problem)
    else all.set(key.path, { value: checked.value, given: wrapped(key, value), origin })
  }
  if (wrong.length > 0) return failed('resolve', configError('config_invalid', wrong, 'Correct the secrets.'))
  return { ok: true, values: all }
}

function failed(step: ConfigStep, error: GestaError): Candidate {
  return { ok: false, step, error }
}

/** By their kinds; the order of the list inside of one. */
function ordered(sources: readonly ConfigSource[]): readonly ConfigSource[] {
  return sources.toSorted((one, other) => sourceKinds.indexOf(one.kind) - sourceKinds.indexOf(other.kind))
}

async function readSource(
  source: ConfigSource,
  keys: readonly ConfigKey[],
  limited: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>,
): Promise<ReadLayer | ConfigProblem> {
  try {
    return { ...(await limited((signal) => source.read(keys, signal))), source: source.name }
  } catch (cause) {
    const told = findGestaError(cause)?.message ?? redactError(cause)
    return {
      problem: 'unreadable_source',
      source: source.name,
      expected: 'a source that can be read',
      received: `an error (${told})`,
    }
  }
}

/** The work, ended by a time limit or by `signal`. */
async function within<T>(
  { clock, readTimeoutMs }: Pick<CandidateParts, 'clock' | 'readTimeoutMs'>,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return limitedTo(clock, readTimeoutMs, signal, work)
}

/** Errors: those of the work; a plain one named `TimeoutError`; the signal's reason. */
export async function limitedTo<T>(
  clock: Pick<Clock, 'after'>,
  timeoutMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  const timer = clock.after(timeoutMs, () => {
    const reason = new Error(`no answer in ${timeoutMs} ms`)
    reason.name = 'TimeoutError'
    late.abort(reason)
  })
  const either = AbortSignal.any([signal, late.signal])
  try {
    return await unlessAborted(either, work(either))
  } finally {
    timer.cancel()
  }
}
