// Random steps of several tenants on one store, each tenant's also on a store in memory that it has for itself. What a tenant is shown
// must be the same in both, after every step of anybody: so no step of one tenant changes or shows a byte of another.
import assert from 'node:assert/strict'
import type { CredentialKey, CredentialStore } from '../../stores/credential/credential-store.ts'
import { createMemoryCredentialStore } from '../../stores/credential/memory-credential-store.ts'
import { credential, everyCredential } from './given.ts'

/** Names whose concatenations and cases are easily confused. */
const tenants = ['', 'a', 'A', 'a:a']
const names = ['a', 'A', 'a:a', '\u{10000}']

export interface CredentialStep {
  readonly do: 'put' | 'remove' | 'removeOf' | 'removeExpired' | 'reset'
  readonly key: CredentialKey
  readonly subject: string
  readonly sealedBy: string
  /** What a put or a removal expects. */
  readonly expected: number
  /** When a put expires, or what a sweep takes for now. */
  readonly time: number
  readonly text: string
}

/** One step for each number; any whole number from 0 is a step. */
export function credentialSteps(numbers: readonly number[]): readonly CredentialStep[] {
  return numbers.map((number) => {
    let rest = number
    const take = <T>(choices: readonly T[]): T => {
      const choice = choices[rest % choices.length] as T
      rest = Math.floor(rest / choices.length)
      return choice
    }
    const often = ['put', 'put', 'put', 'put', 'put', 'remove', 'remove'] as const
    return {
      do: take([...often, 'removeOf', 'removeExpired', 'reset'] as const),
      key: { tenant: take(tenants), kind: take(names.slice(0, 2)), id: take(names) },
      expected: take([0, 0, 1, 2]),
      subject: take(names),
      sealedBy: take(['x', 'y']),
      time: take([1, 2, 3]),
      text: take(['one', 'two']),
    }
  })
}

/** Plays steps on an empty store; throws an assertion error at the first difference. For property tests with any library. */
export async function playCredentialSteps(store: CredentialStore, steps: readonly CredentialStep[]): Promise<void> {
  const alone = new Map(tenants.map((tenant) => [tenant, createMemoryCredentialStore()]))
  for (const step of steps) {
    const own = [...alone].filter(([tenant]) => step.do === 'removeExpired' || tenant === step.key.tenant)
    const answers = await Promise.all(own.map(([, its]) => play(its, step)))
    const expected =
      step.do === 'removeExpired' ? answers.reduce<number>((sum, one) => sum + Number(one), 0) : answers[0]
    assert.deepEqual(await play(store, step), expected)
    for (const [each, its] of alone) assert.deepEqual(await shown(store, each), await shown(its, each))
  }
}

async function play(store: CredentialStore, step: CredentialStep): Promise<unknown> {
  const { key, subject, sealedBy, expected, time, text } = step
  const expiresAt = time === 3 ? undefined : time
  if (step.do === 'put') return store.put(credential({ ...key, subject, sealedBy, expiresAt }, text), expected)
  if (step.do === 'remove') return store.remove(key, expected === 0 ? undefined : expected)
  if (step.do === 'removeOf') return store.removeOf(key.tenant, subject)
  // A sweep is of all tenants.
  if (step.do === 'removeExpired') return store.removeExpired(time)
  return store.reset(key.tenant)
}

async function shown(store: CredentialStore, tenant: string): Promise<unknown> {
  const lists = [{}, { kind: 'a' }, { subject: 'a' }, { sealedBy: 'x' }].map((narrowed) =>
    everyCredential(store, { tenant, ...narrowed }, 2),
  )
  return [await Promise.all(lists), await store.total({ tenant }), await store.get({ tenant, kind: 'a', id: 'a' })]
}
