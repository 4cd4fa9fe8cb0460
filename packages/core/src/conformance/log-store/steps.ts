// Random steps against a log, and against a list that says what must be in it. After each step everything that the log shows is
// compared, tenant by tenant.
import assert from 'node:assert/strict'
import type { LogStore, NewLogEntry } from '../../stores/log/log-store.ts'
import { logLevels } from '../../stores/log/log-store.ts'
import { everyPage, startUs, withoutId } from './given.ts'

/** Names whose concatenations, cases and encodings are easily confused. */
const tenants = ['', 'a', 'A', 'a:a', '%']

export interface LogStep {
  readonly do: 'append' | 'purge' | 'search' | 'reset'
  readonly line: NewLogEntry
  readonly limit: number
}

/** One step for each number; any whole number from 0 is a step. */
export function logSteps(numbers: readonly number[]): readonly LogStep[] {
  const kinds = ['append', 'append', 'append', 'append', 'append', 'purge', 'search', 'reset'] as const
  return numbers.map((number) => {
    let rest = number
    const take = <T>(choices: readonly T[]): T => {
      const choice = choices[rest % choices.length] as T
      rest = Math.floor(rest / choices.length)
      return choice
    }
    const what = take(kinds)
    const tenant = take(tenants)
    const level = take(logLevels)
    const at = startUs + take([0, 1, 2, 3, 4])
    return { do: what, line: { tenant, level, at, text: String(number) }, limit: 1 + (rest % 4) }
  })
}

/** Plays steps on an empty log; throws an assertion error at the first difference. For property tests with any library. */
export async function playLogSteps(store: LogStore, steps: readonly LogStep[]): Promise<void> {
  let model: readonly NewLogEntry[] = []
  for (const step of steps) {
    model = await play(store, model, step)
    for (const tenant of tenants) {
      const expected = model.filter((line) => line.tenant === tenant)
      const { items } = await store.list({ tenant, order: 'oldest' }, { limit: 1000 })
      assert.deepEqual(items.map(withoutId), expected)
      assert.equal(await store.total({ tenant }), expected.length)
    }
  }
}

/** The lines that must be there after the step. */
async function play(
  store: LogStore,
  model: readonly NewLogEntry[],
  { do: what, line, limit }: LogStep,
): Promise<readonly NewLogEntry[]> {
  const { tenant, level, at } = line
  if (what === 'append') {
    await store.append([line, line])
    return [...model, line, line]
  }
  if (what === 'search') {
    const rank = logLevels.indexOf(level)
    const expected = model.filter((each) => each.at >= at && logLevels.indexOf(each.level) >= rank)
    const found = await everyPage(store, { level, from: at }, limit)
    assert.deepEqual(
      found.map(({ text }) => text),
      expected.map(({ text }) => text).reverse(),
    )
    return model
  }
  if (what === 'reset') {
    await store.reset(tenant)
    return model.filter((each) => each.tenant !== tenant)
  }
  const kept = model.filter((each) => each.tenant !== tenant || each.at >= at)
  assert.equal(await store.purge(at, tenant), model.length - kept.length)
  return kept
}
