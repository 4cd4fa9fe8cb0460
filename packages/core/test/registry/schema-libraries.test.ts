import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as v from 'valibot'
import { z } from 'zod'
import {
  captureCommandEvents,
  emitDomain,
  executeCommand,
  executeQuery,
  registerCommand,
  registerQuery,
} from '@gesta/core/registry'
import { findGestaError } from '../../src/errors/gesta-error.ts'
import { command, event, query } from '../../src/contracts/define.ts'
import { createTestRegistry } from './orders.ts'

const known = async (): Promise<boolean> => true
const libraries = {
  zod: {
    place: command('Order.Place', {
      input: z.object({ lines: z.array(z.object({ quantity: z.int() })) }).refine(known),
      result: z.object({ count: z.int() }).refine(known),
      rejections: { late: { reason: 'Too late.', details: z.object({ hour: z.int() }).refine(known) } },
    }),
    get: query('Order.Get', { result: z.object({ count: z.int() }).refine(known) }),
    Placed: event('Order.Placed', z.object({ count: z.int() }).refine(known)),
  },
  valibot: {
    place: command('Order.Place', {
      input: v.pipeAsync(
        v.object({ lines: v.array(v.object({ quantity: v.pipe(v.number(), v.integer()) })) }),
        v.checkAsync(known),
      ),
      result: v.pipeAsync(v.object({ count: v.number() }), v.checkAsync(known)),
      rejections: {
        late: { reason: 'Too late.', details: v.pipeAsync(v.object({ hour: v.number() }), v.checkAsync(known)) },
      },
    }),
    get: query('Order.Get', { result: v.pipeAsync(v.object({ count: v.number() }), v.checkAsync(known)) }),
    Placed: event('Order.Placed', v.pipeAsync(v.object({ count: v.number() }), v.checkAsync(known))),
  },
}

for (const [library, { place, get, Placed }] of Object.entries(libraries)) {
  describe(`asynchronous schemas of ${library}`, () => {
    test('parse input, result, rejection and events', async () => {
      const { registry } = createTestRegistry()
      registerCommand(
        registry,
        place,
        ({ lines }, recorder) => {
          emitDomain(recorder, Placed({ count: lines.length }))
          return lines.length === 0 ? place.reject('late', { hour: 22 }) : { count: lines.length, more: true }
        },
        { emits: [Placed] },
      )
      registerQuery(registry, get, () => ({ count: 3, more: true }))
      assert.deepEqual(await captureCommandEvents(registry, place({ lines: [{ quantity: 1 }] })), {
        ok: true,
        result: { count: 1 },
        events: [{ id: 'e1', category: 'domain', type: 'Order.Placed', schemaVersion: 1, value: { count: 1 } }],
      })
      assert.deepEqual(await executeCommand(registry, place({ lines: [] })), {
        ok: false,
        rejection: place.reject('late', { hour: 22 }),
      })
      assert.deepEqual(await executeQuery(registry, get()), { count: 3 })
    })

    test('refuse input with all paths, and events that do not fit', async () => {
      const { registry } = createTestRegistry()
      let count: unknown = 1
      registerCommand(
        registry,
        place,
        (_, recorder) => (emitDomain(recorder, Placed({ count: count as number })), { count: 1 }),
        { emits: [Placed] },
      )
      await assert.rejects(
        executeCommand(registry, place({ lines: [{ quantity: 'a' }, { quantity: 1.5 }] as never })),
        (error) => {
          const violations = findGestaError(error, 'invalid_input')?.facts['violations'] as { readonly path: string }[]
          assert.deepEqual(
            violations.map(({ path }) => path),
            ['lines.0.quantity', 'lines.1.quantity'],
          )
          return true
        },
      )
      count = 'many'
      await assert.rejects(executeCommand(registry, place({ lines: [] })), { code: 'invalid_output' })
    })
  })
}
