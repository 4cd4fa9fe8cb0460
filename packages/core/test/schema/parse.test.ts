import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as v from 'valibot'
import { z } from 'zod'
import { checkOptions, closest } from '../../src/schema/options.ts'
import { parse } from '../../src/schema/parse.ts'

describe('parsing', () => {
  const schemas = { zod: z.object({ n: z.int() }), valibot: v.object({ n: v.pipe(v.number(), v.integer()) }) }
  for (const [library, schema] of Object.entries(schemas)) {
    test(`gives what a schema of ${library} parses, at once`, () => {
      assert.deepEqual(parse(schema, { n: 1, more: 2 }, 'invalid_input', 'it'), { n: 1 })
    })

    test(`tells every path and reason of ${library}`, () => {
      assert.throws(
        () => parse(schema, { n: 'x' }, 'invalid_input', 'A.B'),
        (error: { code: string; facts: { violations: { path: string; reason: string }[] } }) => {
          assert.equal(error.code, 'invalid_input')
          assert.deepEqual(
            error.facts.violations.map(({ path }) => path),
            ['n'],
          )
          return true
        },
      )
    })
  }

  test('without a schema gives the value as it is', () => {
    const value = {}
    assert.equal(parse(undefined, value, 'invalid_input', 'it'), value)
  })

  test('with an asynchronous schema gives a promise', async () => {
    const schema = z.string().refine(async (text) => text !== 'no')
    const parsed = parse(schema, 'yes', 'invalid_input', 'it')
    assert.ok(parsed instanceof Promise)
    assert.equal(await parsed, 'yes')
    await assert.rejects(async () => parse(schema, 'no', 'invalid_output', 'it'), { code: 'invalid_output' })
  })

  test('names the value itself by its reason alone, and paths of objects and symbols too', () => {
    const schema = (path: readonly (PropertyKey | { readonly key: PropertyKey })[]) => ({
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: () => ({ issues: [{ message: 'is wrong', path }] }),
      },
    })
    assert.throws(() => parse(schema([]), 1, 'invalid_input', 'A.B'), {
      message: 'Expected A.B to fit its schema, but: is wrong.',
    })
    assert.throws(() => parse(schema([{ key: 'lines' }, 0, Symbol('x')]), 1, 'invalid_input', 'A.B'), {
      message: 'Expected A.B to fit its schema, but: lines.0.Symbol(x): is wrong.',
    })
  })
})

describe('options', () => {
  test('that are known pass, also when they are undefined', () =>
    checkOptions({ role: undefined }, ['role', 'store'], 'start()'))

  test('that are not known are refused, with the name that was probably meant', () => {
    assert.throws(() => checkOptions({ Rolle: 1 }, ['role', 'store'], 'start()'), {
      message: 'start() has no option "Rolle". Did you mean "role"?',
    })
    assert.throws(() => checkOptions({ colour: 1 }, ['role', 'store'], 'start()'), {
      message: 'start() has no option "colour". Known options: role, store.',
    })
  })

  test('are close within two letters', () => {
    assert.equal(closest('rol', ['role', 'roll']), 'role')
    assert.equal(closest('xyz', ['role']), undefined)
    assert.equal(closest('', ['ab', 'a']), 'a')
    assert.equal(closest('a', []), undefined)
  })
})
