// Who receives waits for events, and can be told to stop.
import assert from 'node:assert/strict'
import { forEver, numberOf, placed, placedFrom, take } from './given.ts'
import type { EventSourceCase } from './given.ts'

const group = 'waiting'
const reason = new Error('enough')
const isReason = (error: unknown): boolean => error === reason
export const waitingCases: readonly EventSourceCase[] = [
  {
    group,
    name: 'a receiver waits until something is sent',
    run: async ({ channel }) => {
      const source = await channel.source()
      const waiting = take(source, 1)
      await channel.send([placed(1)])
      assert.deepEqual((await waiting).map(numberOf), [1])
    },
  },
  {
    group,
    name: 'a receiver whose signal aborts while it waits rejects with the reason, and takes nothing away',
    run: async ({ channel }) => {
      const source = await channel.source()
      const cancel = new AbortController()
      const waiting = source.receiveEventBatch({ signal: cancel.signal })
      cancel.abort(reason)
      await assert.rejects(waiting, isReason)
      await channel.send(placedFrom(1, 2))
      assert.deepEqual((await take(source, 2)).map(numberOf), [1, 2])
    },
  },
  {
    group,
    name: 'a receiver whose signal is aborted already rejects with the reason, also when there are events',
    run: async ({ channel }) => {
      const source = await channel.source()
      await channel.send([placed(1)])
      await assert.rejects(source.receiveEventBatch({ signal: AbortSignal.abort(reason) }), isReason)
      assert.deepEqual((await take(source, 1)).map(numberOf), [1])
    },
  },
  {
    group,
    needs: 'drains',
    name: 'a channel that is closed gives what is there, and then says that it is closed, to all receivers and always',
    run: async ({ channel, batchEventsMax }) => {
      const source = await channel.source()
      await channel.send(placedFrom(1, batchEventsMax + 1))
      await channel.close()
      assert.equal((await take(source, batchEventsMax + 1)).length, batchEventsMax + 1)
      for (const each of [source, source, await channel.source()])
        assert.equal(await each.receiveEventBatch({ signal: forEver() }), undefined)
    },
  },
  {
    group,
    needs: 'drains',
    name: 'receivers that wait are told when the channel is closed',
    run: async ({ channel }) => {
      const sources = [await channel.source(), await channel.source()]
      const waiting = sources.map((source) => source.receiveEventBatch({ signal: forEver() }))
      await channel.close()
      assert.deepEqual(await Promise.all(waiting), [undefined, undefined])
    },
  },
]
