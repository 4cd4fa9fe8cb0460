// Random steps against a store and against a map that says what must be in it. After each step everything that the store shows is
// compared, tenant by tenant, so that a step in one tenant that changes or shows a byte of another is found.
import assert from 'node:assert/strict'
import type { DataStore, ObjectKey } from '../../stores/data/data-store.ts'
import { everyPage, text, textAt } from './given.ts'

/** Names whose concatenations, cases and encodings are easily confused. */
const tenants = ['', 'a', 'A', 'a:a', 'a/a']
const buckets = ['a', 'A', 'a:a', 'a/a', '%61']
const objects = ['a', 'A', 'a:a', 'a/a', '\uffee', '\u{10000}']

export type DataStep =
  | { readonly do: 'set'; readonly at: ObjectKey; readonly content: string }
  | { readonly do: 'copy'; readonly at: ObjectKey; readonly to: Pick<ObjectKey, 'bucket' | 'object'> }
  | { readonly do: 'delete'; readonly at: ObjectKey }
  | { readonly do: 'list'; readonly at: ObjectKey; readonly limit: number }
  | { readonly do: 'reset'; readonly at: ObjectKey }

/** One step for each number; any whole number from 0 is a step. */
export function dataSteps(numbers: readonly number[]): readonly DataStep[] {
  return numbers.map((number) => {
    let rest = number
    const take = <T>(choices: readonly T[]): T => {
      const choice = choices[rest % choices.length] as T
      rest = Math.floor(rest / choices.length)
      return choice
    }
    const kind = take(['set', 'set', 'set', 'copy', 'copy', 'delete', 'list', 'reset'] as const)
    const at = { tenant: take(tenants), bucket: take(buckets), object: take(objects) }
    if (kind === 'set') return { do: kind, at, content: String(number) }
    if (kind === 'copy') return { do: kind, at, to: { bucket: take(buckets), object: take(objects) } }
    if (kind === 'list') return { do: kind, at, limit: 1 + (rest % 4) }
    return { do: kind, at }
  })
}

/** Plays steps on an empty store; throws an assertion error at the first difference. For property tests with any library. */
export async function playDataSteps(store: DataStore, steps: readonly DataStep[]): Promise<void> {
  const model = new Map<string, string>()
  for (const step of steps) {
    await play(store, model, step)
    await compare(store, model)
  }
}

async function play(store: DataStore, model: Map<string, string>, step: DataStep): Promise<void> {
  const { at } = step
  const known = model.get(idOf(at))
  if (step.do === 'set') {
    await store.set(text(step.content, at))
    model.set(idOf(at), step.content)
  } else if (step.do === 'copy') {
    const copied = await store.copy(at, step.to)
    assert.equal(copied !== undefined, known !== undefined)
    if (known !== undefined) model.set(idOf({ ...step.to, tenant: at.tenant }), known)
  } else if (step.do === 'delete') {
    assert.equal(await store.delete(at), known !== undefined)
    model.delete(idOf(at))
  } else if (step.do === 'list') {
    const { tenant, bucket } = at
    const listed = await everyPage(store, { tenant, bucket }, step.limit)
    const expected = modelOf(model, tenant).filter(([, of]) => of === bucket)
    assert.deepEqual(
      listed.map(({ object }) => object),
      expected.map(([, , object]) => object),
    )
  } else {
    await store.reset(at.tenant)
    for (const [tenant, bucket, object] of modelOf(model, at.tenant)) model.delete(idOf({ tenant, bucket, object }))
  }
}

async function compare(store: DataStore, model: Map<string, string>): Promise<void> {
  for (const tenant of tenants) {
    const expected = modelOf(model, tenant)
    const { items } = await store.list({ tenant }, { limit: 1000 })
    assert.deepEqual(
      items.map((head) => [head.tenant, head.bucket, head.object]),
      expected,
    )
    assert.equal(await store.total(tenant), expected.length)
    for (const head of items) assert.equal(await textAt(store, head), model.get(idOf(head)))
  }
}

function idOf({ tenant, bucket, object }: ObjectKey): string {
  return JSON.stringify([tenant, bucket, object])
}

/** The names of a tenant in the order of lists, which for these names is the order of their UTF-8 bytes. */
function modelOf(model: Map<string, string>, tenant: string): readonly [string, string, string][] {
  return [...model.keys()]
    .map((id) => JSON.parse(id) as [string, string, string])
    .filter(([of]) => of === tenant)
    .sort((a, b) => bytes(a[1]).compare(bytes(b[1])) || bytes(a[2]).compare(bytes(b[2])))
}

function bytes(name: string): Buffer {
  return Buffer.from(name)
}
