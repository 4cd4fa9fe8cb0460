import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { sourceKinds } from '../../src/config/config-source.ts'
import { mergeValues } from '../../src/config/merge.ts'
import { defineConfig, openConfig } from '../../src/index.ts'
import { given } from './given-source.ts'

const names = ['a', 'b', 'c'] as const
const definition = defineConfig({
  a: { schema: z.int(), default: 0, description: 'a' },
  b: { schema: z.array(z.int()), default: [0], description: 'b' },
  c: { schema: z.record(z.string(), z.union([z.int(), z.array(z.int())])), default: {}, description: 'c' },
})
const layer = fc.record(
  {
    a: fc.integer(),
    b: fc.array(fc.integer(), { maxLength: 3 }),
    c: fc.dictionary(fc.constantFrom('x', 'y', 'z', '__proto__'), fc.oneof(fc.integer(), fc.array(fc.integer()))),
  },
  { requiredKeys: [] },
)

test('whatever the order of the list, the stronger kind wins; lists are replaced and objects merged', async () => {
  const layers = fc.array(fc.tuple(fc.constantFrom(...sourceKinds), layer), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(layers, async (given_) => {
      const sources = given_.map(([kind, values], at) => given(values, { kind, name: `${at}` }))
      await using config = await openConfig(definition, { sources })
      // The model: the same list, stably sorted by strength, the last one that says something.
      const sorted = sourceKinds.flatMap((kind) => sources.filter((source) => source.kind === kind))
      for (const name of names) {
        const saying = sorted.filter(({ says }) => saidOf({ says })[name] !== undefined)
        assert.equal(config.origin(name).source, saying.at(-1)?.name ?? 'default')
        if (name !== 'c' && saying.length > 0) assert.deepEqual(config.current[name], saidOf(saying.at(-1))[name])
      }
      const fields: [string, unknown][] = sorted.flatMap(({ says }) => Object.entries((says as { c?: object }).c ?? {}))
      const merged = new Map(fields)
      const own: { readonly [name: string]: unknown } = config.current.c
      for (const [name, value] of Object.entries(own)) assert.deepEqual(value, merged.get(name))
      // The schema of the test drops a field of this name.
      merged.delete('__proto__')
      assert.equal(Object.keys(own).length, merged.size)
      assert.equal(({} as { x?: unknown }).x, undefined)
    }),
  )
})

test('what was merged already adds nothing, and nothing of what is above is lost', () => {
  fc.assert(
    fc.property(fc.object(), fc.object(), (below, above) => {
      const merged = mergeValues(below, above)
      assert.deepEqual(mergeValues(merged, above), merged)
      assert.deepEqual(
        Object.keys(merged as object).toSorted(),
        [...new Set([...Object.keys(below), ...Object.keys(above)])].toSorted(),
      )
    }),
  )
})

test('a text is what its schema takes: itself, or the JSON that it is', async () => {
  const texts = defineConfig({
    name: { schema: z.string(), default: '', description: 'A text.' },
    size: { schema: z.int(), default: 0, description: 'A number.' },
    isOn: { schema: z.boolean(), default: false, description: 'A switch.' },
    list: { schema: z.array(z.string()), default: [], description: 'A list.' },
  })
  const says = { name: '12', size: '12', isOn: 'true', list: '["a"]' }
  await using config = await openConfig(texts, { sources: [given(says, { kind: 'environment', isText: true })] })
  assert.deepEqual(config.current, { name: '12', size: 12, isOn: true, list: ['a'] })
})

function saidOf(source: { readonly says: unknown } | undefined): { readonly [name: string]: unknown } {
  return source?.says as { readonly [name: string]: unknown }
}
