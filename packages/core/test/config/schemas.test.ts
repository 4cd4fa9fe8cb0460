// Schemas that throw, answer later, or make something of a value that is no data.
import assert from 'node:assert/strict'
import test from 'node:test'
import { z } from 'zod'
import { configDomain, createApp, defineConfig, openConfig, SetConfig, systemContext } from '../../src/index.ts'
import type { ConfigSource } from '../../src/index.ts'
import { given } from './given-source.ts'

type Validate = (value: unknown) => { readonly value: string } | Promise<{ readonly value: string }>
const schemaOf = (validate: Validate) => ({ '~standard': { version: 1 as const, vendor: 'test', validate } })

for (const kind of ['file', 'environment'] as const)
  test(`a schema that throws or answers later is a problem of its key, and tells nothing of the value, from ${kind}`, async () => {
    const throwing = schemaOf((value) => {
      throw new Error(String(value))
    })
    // One that is rejected and waited for by nobody would end the process.
    const late = schemaOf(async (value) => Promise.reject(new Error(String(value))))
    const definition = defineConfig({
      throwing: { schema: throwing, description: 'It throws.', secret: true },
      late: { schema: late, description: 'It answers later.', secret: true },
    })
    const source = given({ throwing: 'hidden-word', late: 'hidden-word' }, { kind, isText: kind === 'environment' })
    await assert.rejects(openConfig(definition, { sources: [source] }), (error: Error) => {
      assert.match(error.message, /there are 2 problems/)
      assert.doesNotMatch(`${error.message}${String(error.cause)}`, /hidden-word/)
      return true
    })
  })

class Span {
  readonly #ms: number
  constructor(ms: number) {
    this.#ms = ms
  }
  get ms(): number {
    return this.#ms
  }
}

test('a change is noticed also of what no comparison can look into', async () => {
  const definition = defineConfig({
    span: { schema: z.number().transform((ms) => new Span(ms)), default: 1, description: 'A span.', reload: 'hot' },
    kept: { schema: z.number().transform((ms) => new Span(ms)), default: 1, description: 'Another.' },
  })
  const file = given({ span: 5 })
  await using config = await openConfig(definition, { sources: [file] })
  const before = config.current.span
  await config.reload()
  assert.equal(config.current.span, before)
  file.says = { span: 6, kept: 6 }
  assert.deepEqual(await config.reload(), { ok: true, version: 2, changed: ['span'], pending: ['kept'] })
  assert.equal(config.current.span.ms, 6)
})

test('the same value in other words is no change', async () => {
  const definition = defineConfig({ size: { schema: z.int(), default: 1, description: 'A size.' } })
  const file = given({ size: 5 })
  const text = given({}, { kind: 'environment', isText: true, name: 'environment' })
  await using config = await openConfig(definition, { sources: [file, text] })
  text.says = { size: '5' }
  assert.deepEqual(await config.reload(), { ok: true, version: 1, changed: [], pending: [] })
  assert.equal(config.origin('size').source, 'environment')
})

test('a source that keeps to no contract is a failure that is told, and nothing changes', async () => {
  const definition = defineConfig({ size: { schema: z.int(), default: 1, description: 'A size.', reload: 'hot' } })
  let isBroken = false
  const source: ConfigSource = {
    name: 'mine',
    kind: 'file',
    read: async () => ({
      values: { size: 2 },
      where: () => {
        if (isBroken) throw new Error('hidden-word')
        return 'here'
      },
    }),
  }
  await using config = await openConfig(definition, { sources: [source] })
  isBroken = true
  const reload = await config.reload()
  assert.deepEqual(!reload.ok && [reload.step, reload.error.code], ['parse', 'config_unreadable'])
  assert.equal(config.status.failures, 1)
  assert.doesNotMatch(config.status.failure?.reason ?? '', /hidden-word/)
  assert.equal(config.current.size, 2)
})

test('values that could not be checked are not set for all processes', async () => {
  // Bytes in a list cannot be frozen, so what the schema makes of this one throws behind it.
  const schema = z.array(z.string().transform((text) => Buffer.from(text)))
  const definition = defineConfig({ keys: { schema, default: [], description: 'Keys.', reload: 'hot' } })
  await using config = await openConfig(definition)
  await using running = await createApp('shop', { domains: [configDomain(config)] }).start()
  const asSystem = { context: systemContext() }
  await assert.rejects(running.dispatch(SetConfig({ values: { keys: ['hidden-word'] } }), asSystem), (error: Error) => {
    assert.match(error.message, /sources that can be merged/)
    assert.doesNotMatch(error.message, /hidden-word/)
    return true
  })
  assert.deepEqual(await running.dispatch(SetConfig({ values: { keys: [] } }), asSystem).then(({ ok }) => ok), true)
})
