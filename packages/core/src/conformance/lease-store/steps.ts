// Random steps of several owners against a store and against a table that says who holds what. Nothing here looks at a clock: time
// passes only where a lease is let run out.
import assert from 'node:assert/strict'
import type { HeldLease } from '../../stores/lease/lease-store.ts'
import { longMs, untilFree } from './given.ts'
import type { GivenLeaseStore } from './given.ts'

/** In the order of lists. */
const names = ['A', 'a']
const owners = ['alice', 'bob', 'carol']

export interface LeaseStep {
  /** `stale` shows a token of before; `runOut` lets the lease of whoever holds the name end. */
  readonly do: 'acquire' | 'renew' | 'release' | 'renewStale' | 'releaseStale' | 'runOut' | 'reset'
  readonly name: string
  readonly owner: string
}
/** The last lease of a name, as it must be. */
interface Last {
  readonly owner: string
  readonly fencingToken: number
  readonly held: boolean
}

/** One step for each number; any whole number from 0 is a step. */
export function leaseSteps(numbers: readonly number[]): readonly LeaseStep[] {
  return numbers.map((number) => {
    let rest = number
    const take = <T>(choices: readonly T[]): T => {
      const choice = choices[rest % choices.length] as T
      rest = Math.floor(rest / choices.length)
      return choice
    }
    const often = ['acquire', 'acquire', 'acquire', 'renew', 'renew', 'release'] as const
    const kind = take([...often, 'renewStale', 'releaseStale', 'runOut', 'reset'] as const)
    return { do: kind, name: take(names), owner: take(owners) }
  })
}

/** Plays steps on an empty store; throws an assertion error at the first difference. For property tests with any library. */
export async function playLeaseSteps(
  given: Pick<GivenLeaseStore, 'store' | 'pass'>,
  steps: readonly LeaseStep[],
): Promise<void> {
  const model = new Map<string, Last>()
  for (const step of steps) {
    await play(given, model, step)
    const held = [...model].flatMap(([name, last]) => (last.held ? [{ ...last, name }] : []))
    const listed = await given.store.list()
    assert.deepEqual(
      listed.map(({ name, owner, fencingToken }) => ({ owner, fencingToken, held: true, name })),
      names.flatMap((name) => held.filter((each) => each.name === name)),
    )
    for (const name of names)
      assert.deepEqual(
        await given.store.holder(name),
        listed.find((lease) => lease.name === name),
      )
  }
}

async function play(
  given: Pick<GivenLeaseStore, 'store' | 'pass'>,
  model: Map<string, Last>,
  { do: kind, name, owner }: LeaseStep,
): Promise<void> {
  const { store } = given
  const last = model.get(name) ?? { owner: '', fencingToken: 0, held: false }
  const mine = last.held && last.owner === owner
  const shown: HeldLease = { name, owner, fencingToken: Math.max(1, last.fencingToken) }
  const stale: HeldLease = { name, owner, fencingToken: Math.max(1, last.fencingToken - 1) }
  const holds = (lease: HeldLease): boolean => mine && lease.fencingToken === last.fencingToken
  if (kind === 'acquire') {
    const fencingToken = mine ? last.fencingToken : last.fencingToken + 1
    const lease = await store.acquire(name, owner, longMs)
    assert.equal(lease?.fencingToken, last.held && !mine ? undefined : fencingToken)
    if (lease !== undefined) model.set(name, { owner, fencingToken, held: true })
  } else if (kind === 'renew' || kind === 'renewStale') {
    const lease = kind === 'renew' ? shown : stale
    assert.equal((await store.renew(lease, longMs))?.fencingToken, holds(lease) ? lease.fencingToken : undefined)
  } else if (kind === 'release' || kind === 'releaseStale') {
    const lease = kind === 'release' ? shown : stale
    await store.release(lease)
    if (holds(lease)) model.set(name, { ...last, held: false })
  } else if (kind === 'runOut') {
    if (!last.held) return
    await store.renew({ name, ...last }, 1)
    await untilFree(given, name)
    model.set(name, { ...last, held: false })
  } else {
    await store.reset()
    for (const [each, lease] of model) model.set(each, { ...lease, held: false })
  }
}
