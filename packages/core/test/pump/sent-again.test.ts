// Commands of subscribers that failed, and were recorded so: the next run decides anew, and no run decides twice.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, domain, event, GestaError, subscriber } from '@gesta/core'
import type { AnyDomain } from '@gesta/core'
import { z } from 'zod'
import { deposit, Deposited } from '../account-domain.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'
import { noting, statusOf, until } from './notes-domain.ts'

const Marked = event('Mark.Made', z.object({ text: z.string() }))
const Mark = aggregate('Mark', () => 0).on(Marked, (count) => count + 1)
const make = command('Mark.Make', { input: z.object({ text: z.string() }) })

/** Fails as often as it is told to; the text of the command may change from run to run. */
function marking(broken: { left: number }, textOf: (pence: number) => string): readonly AnyDomain[] {
  const marker = subscriber('Marker').on(Deposited, async ({ pence }, { dispatch }) => {
    await dispatch(make({ text: textOf(pence) }))
  })
  const decided = Mark.decide(
    make,
    () => 'all',
    (_, { text }) => {
      if (broken.left-- > 0) throw new Error('broken')
      return [Marked({ text })]
    },
  )
  return [...noting(marker), domain('Mark', { permissions: 'anonymous', handlers: [decided] })]
}
async function marks({ store }: StartedApp): Promise<readonly string[]> {
  const events = await store.readAll({ after: 0, limit: 10_000 })
  return events.flatMap(({ type, data }) => (type === Marked.type ? [(JSON.parse(data) as { text: string }).text] : []))
}
const statuses = async ({ running }: StartedApp): Promise<readonly string[]> => {
  const { items } = await running.commandLog.list({ commandType: 'Mark.Make', order: 'oldest' })
  return items.map(({ status }) => status)
}

describe('a command of a subscriber', () => {
  for (const failures of [1, 2, 3, 6])
    test(`is decided after ${failures} recorded failures, once`, async () => {
      const broken = { left: failures }
      await using app = await startApp(marking(broken, (pence) => `${pence}`))
      await app.running.dispatch(deposit({ accountId: 'a', pence: 7 }))
      await until(app, () => (statusOf(app, 'Marker').position ?? 0) >= 1, 1_000)
      assert.deepEqual(await marks(app), ['7'])
      assert.deepEqual(await statuses(app), [...Array<string>(failures).fill('failed'), 'accepted'])
    })

  test('that was mended since is decided too, though it asks for something else now', async () => {
    const broken = { left: 1 }
    let run = 0
    await using app = await startApp(marking(broken, () => `try ${++run}`))
    await app.running.dispatch(deposit({ accountId: 'a', pence: 7 }))
    await until(app, () => (statusOf(app, 'Marker').position ?? 0) >= 1, 1_000)
    assert.deepEqual(await marks(app), ['try 2'])
  })

  test('finds its decision again in another process that has the failures before it', async () => {
    const broken = { left: 2 }
    let lost = true
    const domains = marking(broken, (pence) => `${pence}`)
    const first = await startApp(domains, {
      interfere: async ({ header, streams }, next) => {
        const verdict = await next()
        // The decision is stored, and the answer to it is lost.
        if (lost && header.commandType === 'Mark.Make' && streams.length > 0)
          throw new GestaError('store_unavailable', 'away')
        return verdict
      },
    })
    await first.running.dispatch(deposit({ accountId: 'a', pence: 7 }))
    await until(first, async () => (await marks(first)).length === 1, 1_000)
    await first[Symbol.asyncDispose]()
    lost = false
    await using second = await startApp(domains, { beside: first })
    await until(first, () => statusOf(second, 'Marker').position === 2, 1_000)
    assert.deepEqual(await marks(first), ['7'])
    assert.deepEqual(await statuses(second), ['failed', 'failed', 'accepted'])
  })
})
