// Whatever is dispatched in whatever order: one record each, with the status that its caller was told.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { isGestaError } from '@gesta/core'
import type { Command, DispatchOptions } from '@gesta/core'
import { settled } from '../fake-clock.ts'
import { guarded, loose, own, records, startWorkshop, unknown, wait, work } from './recording-place.ts'

interface Sent {
  readonly command: Command<string, unknown, unknown, unknown>
  readonly options: DispatchOptions
  /** What its record says when nothing else was dispatched under its key. */
  readonly status: string
}
const ann = { account: 'ann', session: 's' }
const done = work({ id: 'a', how: 'done' })
const kinds: { readonly [kind: string]: Sent } = {
  accepted: { command: done, options: {}, status: 'accepted' },
  rejected: { command: work({ id: 'b', how: 'no' }), options: {}, status: 'rejected' },
  thrown: { command: work({ id: 'a', how: 'error' }), options: {}, status: 'failed' },
  undefined: { command: work({ id: 'a', how: 'nothing' }), options: {}, status: 'failed' },
  invalid: { command: work({ id: 3 } as never), options: {}, status: 'failed' },
  unwritable: { command: loose({ big: 1n } as never), options: {}, status: 'failed' },
  unknown: { command: unknown(), options: {}, status: 'failed' },
  denied: { command: own({ id: 'a' }), options: {}, status: 'denied' },
  checked: { command: guarded({ id: 'a' }), options: { context: ann }, status: 'denied' },
  late: { command: wait({ id: 'a' }), options: { deadlineMs: 5 }, status: 'timed_out' },
  left: { command: wait({ id: 'a' }), options: { signal: AbortSignal.abort(new Error('gone')) }, status: 'abandoned' },
  keyed: { command: done, options: { context: ann, idempotencyKey: 'k' }, status: 'accepted' },
  misused: {
    command: work({ id: 'c', how: 'done' }),
    options: { context: ann, idempotencyKey: 'k' },
    status: 'accepted',
  },
}
const conflicting = (cause: unknown): boolean => isGestaError(cause, 'idempotency_conflict')

describe('every dispatch', () => {
  test('leaves one record, at once or one after the other, with slow and quick commits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...Object.keys(kinds)), fc.boolean()), { maxLength: 25 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, slow) => {
          let commits = 0
          await using app = await startWorkshop({
            interfere: async (_, next) => {
              if (commits++ % slow === 0) await settled()
              return next()
            },
          })
          const told = new Map<string, string>()
          const going: Promise<void>[] = []
          for (const [index, [kind, waits]] of steps.entries()) {
            const { command, options, status } = kinds[kind] as Sent
            const commandId = `c-${index}`
            const dispatched = app.running.dispatch(command, { ...options, commandId }).then(
              (outcome) => void told.set(commandId, outcome.commandId === commandId ? status : 'duplicate'),
              (cause: unknown) => void told.set(commandId, conflicting(cause) ? 'failed' : status),
            )
            going.push(dispatched)
            if (waits) await app.clock.finish(dispatched)
          }
          await app.clock.finish(Promise.all(going))
          const kept = new Map((await records(app)).map(({ commandId, status }) => [commandId, status]))
          assert.deepEqual(Object.fromEntries(kept), Object.fromEntries([...told].toSorted(byIndex)))
          assert.equal(await app.running.commandLog.total(), steps.length)
          assert.equal(app.running.commandLog.status.recorded, steps.length)
        },
      ),
      { numRuns: 60 },
    )
  })
})

function byIndex([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return Number(a.slice(2)) - Number(b.slice(2))
}
