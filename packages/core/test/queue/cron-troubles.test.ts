// Crons where not all is well: missed times, a process that is held up, clocks that disagree, a store that is away.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cron, GestaError } from '@gesta/core'
import { fakeRuntime } from '../fake-clock.ts'
import type { HeldStore, Interference } from '../interfering-store.ts'
import type { StartedApp } from '../started-app.ts'
import { cronPlace, minute, report, reports } from './cron-place.ts'

const making = { job: ({ at }: { readonly at: string }) => report({ at }) }

/** The store of an app, as another process sees it. */
async function storeWhere({ held, runtime }: StartedApp, interfere: Interference): Promise<HeldStore> {
  const opened = await held.backend.open(runtime)
  const { commit } = opened.events
  const events: typeof opened.events = {
    ...opened.events,
    commit: (one, options) => interfere(one, () => commit(one, options), options),
  }
  return { ...held, backend: { backend: 'memory', open: async () => ({ ...opened, events }) } }
}

describe('a cron', () => {
  test('that makes up for all runs a job for each, and cannot be told to skip what overlaps', async () => {
    const place = await cronPlace('2026-05-01T00:30:00Z')
    const made: string[] = []
    const own = reports([cron('Report.Hourly', { schedule: '0 * * * *', missed: 'all', ...making })], (at) => {
      made.push(at)
    })
    const first = await place.start(own)
    await place.at('2026-05-01T00:30:00Z')
    await first[Symbol.asyncDispose]()
    await using app = await place.start(own, { works: true })
    await place.at('2026-05-01T03:30:00Z')
    await place.until(() => made.length === 3)
    assert.deepEqual(made.toSorted(), await place.ticks())
    assert.equal((await app.running.crons.list())[0]?.overlap, 'allow')
    assert.throws(
      () => cron('Report.X', { schedule: '0 * * * *', missed: 'all', overlap: 'skip', ...making }),
      /to have overlap: "allow" with missed: "all"/,
    )
  })

  for (const [policy, expected] of [
    ['once', ['25']],
    ['all', ['10', '15', '20', '25']],
  ] as const)
    test(`whose process was held up over several times fires ${expected.length} of them with the policy "${policy}"`, async () => {
      const place = await cronPlace('2026-05-01T00:00:06Z')
      const often = cron('Report.Often', { schedule: '*/5 * * * * *', missed: policy, ...making })
      await using _ = await place.start(reports([often]))
      await place.at('2026-05-01T00:00:06Z')
      await place.at('2026-05-01T00:00:26Z')
      assert.deepEqual(
        await place.ticks(),
        expected.map((second) => `2026-05-01T00:00:${second}.000Z`),
      )
    })

  test('fires once, and tells of nothing wrong, when one process finds it late and another one does not', async () => {
    const place = await cronPlace('2026-05-01T00:00:00Z')
    const hourly = cron('Report.Hourly', { schedule: '0 * * * *', ...making })
    await using beside = await place.start(reports([]))
    // Both have decided before either is stored.
    let waiting = 0
    const both = Promise.withResolvers<void>()
    const held = await storeWhere(beside, async ({ header }, next) => {
      if (header.commandType === 'Gesta.TickCron' && ++waiting === 2) both.resolve()
      if (header.commandType === 'Gesta.TickCron') await both.promise
      return next()
    })
    const clock = { ...beside.clock, nowUs: () => beside.clock.nowUs() + minute * 1000 }
    await using one = await place.start(reports([hourly]), { sees: { held } })
    await using two = await place.start(reports([hourly]), { sees: { held, clock, runtime: fakeRuntime(clock) } })
    await place.at('2026-05-01T01:00:20Z')
    await place.until(() => waiting === 2)
    await place.at('2026-05-01T01:00:22Z')
    assert.deepEqual(await place.ticks(), ['2026-05-01T01:00:00.000Z'])
    for (const { running } of [one, two]) assert.equal((await running.crons.list())[0]?.lastError, undefined)
  })

  test('does not take the conflict of another command for a firing', async () => {
    const place = await cronPlace('2026-05-01T00:30:00Z')
    let isBroken = true
    const hourly = cron('Report.Hourly', {
      schedule: '0 * * * *',
      job: ({ at }) => {
        if (isBroken) throw new GestaError('command_conflict', 'taken', { facts: { commandId: 'another' } })
        return report({ at })
      },
    })
    await using app = await place.start(reports([hourly]))
    await place.at('2026-05-01T01:00:00Z')
    assert.equal((await app.running.crons.list())[0]?.lastError, 'command_conflict')
    isBroken = false
    await place.at('2026-05-01T01:00:20Z')
    assert.deepEqual(await place.ticks(), ['2026-05-01T01:00:00.000Z'])
    assert.equal((await app.running.crons.list())[0]?.lastError, undefined)
  })

  test('fires soon after the store is back, however long it was away', async () => {
    const place = await cronPlace('2026-05-01T00:00:00Z')
    await using beside = await place.start(reports([]))
    let isAway = false
    const held = await storeWhere(beside, async (_, next) => {
      if (isAway) throw new GestaError('store_unavailable', 'away')
      return next()
    })
    const minutes = cron('Report.Minutes', { schedule: '* * * * *', missed: 'skip', ...making })
    await using app = await place.start(reports([minutes]), { sees: { held } })
    await place.at('2026-05-01T00:00:30Z')
    isAway = true
    for (let ms = Date.parse('2026-05-01T00:00:30Z'); ms <= Date.parse('2026-05-01T00:40:30Z'); ms += 5_000)
      await place.at(ms)
    assert.equal((await app.running.crons.list())[0]?.lastError, 'store_unavailable')
    isAway = false
    await place.at('2026-05-01T00:40:36Z')
    assert.deepEqual(await place.ticks(), ['2026-05-01T00:40:00.000Z'])
  })
})
