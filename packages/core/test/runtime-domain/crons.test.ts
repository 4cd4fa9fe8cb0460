import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cron, runtimeContracts, runtimeDomain, systemContext } from '@gesta/core'
import { report, reports } from '../queue/cron-place.ts'
import { startApp } from '../started-app.ts'

const { CronList, ControlCron } = runtimeContracts
const reason = 'a test'

async function watchedCrons() {
  const nightly = cron('Report.Nightly', {
    schedule: '0 2 * * *',
    timeZone: 'Europe/Berlin',
    job: ({ at }) => report({ at }),
  })
  const made: string[] = []
  const domain = reports([nightly], (at) => void made.push(at))
  const app = await startApp([domain, runtimeDomain()])
  const running = app.running
  const operator = running.as(systemContext())
  return {
    running,
    operator,
    clock: app.clock,
    made,
    tell: async (action: 'pause' | 'resume' | 'run', name = 'Report.Nightly') => {
      const outcome = await operator.dispatch(ControlCron({ cron: name, action, reason }))
      assert.ok(outcome.ok)
      return outcome.result
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

describe('crons, as operators see them', () => {
  test('are listed with when they fire next', async () => {
    await using place = await watchedCrons()
    const { items } = await place.operator.query(CronList({ nextRuns: 3 }))
    assert.deepEqual(
      items.map(({ name, schedule, timeZone, isPaused, nextRuns }) => [
        name,
        schedule,
        timeZone,
        isPaused,
        nextRuns.length,
      ]),
      [['Report.Nightly', '0 2 * * *', 'Europe/Berlin', false, 3]],
    )
  })

  test('are paused and resumed by their names', async () => {
    await using place = await watchedCrons()
    const { cron: paused } = await place.tell('pause')
    assert.equal(paused.isPaused, true)
    assert.equal((await place.tell('resume')).cron.isPaused, false)
    const { items } = await place.running.audit.list(systemContext(), { action: 'Runtime.ControlCron.Intent' })
    assert.deepEqual(
      items.map(({ resource }) => resource),
      ['cron/Report.Nightly', 'cron/Report.Nightly'],
    )
  })

  test('fire now once for each time they are told to, paused or not', async () => {
    await using place = await watchedCrons()
    await place.tell('pause')
    const { jobId = '' } = await place.tell('run')
    await place.clock.advance(1_000)
    assert.equal((await place.running.jobs.get(jobId))?.type, 'Report.Make')
    assert.equal(place.made.length, 1)
  })

  test('that are none are refused with those that there are', async () => {
    await using place = await watchedCrons()
    await assert.rejects(place.tell('pause', 'Report.Nihgtly'), {
      code: 'cron_unknown',
      message: /It has: Report\.Nightly/,
    })
  })

  test('are for callers of the tenant SYSTEM alone', async () => {
    await using place = await watchedCrons()
    const stranger = place.running.as({ tenant: 'acme', account: 'bob', identity: 'bob' })
    await assert.rejects(stranger.query(CronList({})), { code: 'permission_denied' })
    await assert.rejects(stranger.dispatch(ControlCron({ cron: 'Report.Nightly', action: 'run', reason })), {
      code: 'permission_denied',
    })
    await place.clock.advance(1_000)
    assert.deepEqual(place.made, [])
  })
})
