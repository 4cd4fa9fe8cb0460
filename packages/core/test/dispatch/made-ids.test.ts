// Ids that one command makes: all different, and the same ones however often it is decided.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, domain, event } from '@gesta/core'
import { z } from 'zod'
import { appendBeside, wholeLog } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'

const Made = event('Thing.Made', z.object({ id: z.string() }))
const Thing = aggregate('Thing', () => 0).on(Made, (count) => count + 1)
const make = command('Thing.Make')

/** A domain whose command makes two ids for its aggregate, then two while it decides; and what it was given each time. */
function making() {
  const seen: string[][] = []
  const things = domain('Thing', {
    permissions: 'anonymous',
    handlers: [
      Thing.decide(
        make,
        (_, { newId }) => `${newId()}_${newId()}`,
        (_state, _input, { newId }) => {
          const ids = [newId(), newId()]
          seen.push(ids)
          return ids.map((id) => Made({ id }))
        },
      ),
    ],
  })
  return { things, seen }
}

describe('an aggregate id that the command made', () => {
  test('is none of the ids that its decider makes', async () => {
    const { things, seen } = making()
    await using app = await startApp(things)
    await app.running.dispatch(make())
    const [first] = await wholeLog(app.store)
    const ids = [...(first?.aggregateId.split('_') ?? []), ...(seen[0] ?? [])]
    assert.equal(new Set(ids).size, 4)
  })

  test('is the same when the command is decided again, and so are the ids of its decider', async () => {
    const { things, seen } = making()
    const streams: (string | undefined)[] = []
    await using app = await startApp(things, {
      interfere: async (commit, next) => {
        const id = commit.streams[0]?.aggregateId
        streams.push(id)
        if (streams.length < 3)
          await appendBeside(app.store, `Thing/${id}`, [{ type: 'Thing.Made', data: { id: 'beside' } }])
        return next()
      },
    })
    const outcome = await app.clock.finish(app.running.dispatch(make()))
    assert.equal(outcome.version, 4)
    assert.deepEqual(streams, [streams[0], streams[0], streams[0]])
    assert.deepEqual(seen, [seen[0], seen[0], seen[0]])
    assert.equal(new Set([...(streams[0]?.split('_') ?? []), ...(seen[0] ?? [])]).size, 4)
    assert.deepEqual(
      (await wholeLog(app.store)).slice(2).map(({ data }) => JSON.parse(data) as unknown),
      seen[0]?.map((id) => ({ id })),
    )
  })
})
