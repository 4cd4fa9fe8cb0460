// What happens to orders of the web by itself, followed with a trace: as one process on SQLite, and as web, worker and cron on one
// PostgreSQL, each with settings of its own from the same file.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config, Role, TracedCommand } from '@gesta/core'
import { postgresForTests } from '@gesta/services'
import { getOrder, pay, placeOrder } from '../../src/checkout/contracts.ts'
import { onlineStore, openSettings, settingsFile, startOnline } from '../../src/online/open.ts'
import type { Settings } from '../../src/online/settings.ts'
import { getReport } from '../../src/report/domain.ts'
import { temporaryFolder } from '../processes/script.ts'
import { openCarrier } from './carrier.ts'

const postgres = await postgresForTests()

const places: readonly {
  readonly name: string
  readonly skip: boolean | string | undefined
  readonly roles: readonly (Role | undefined)[]
  readonly database: () => Promise<string | undefined>
}[] = [
  { name: 'as one process on SQLite', skip: false, roles: [undefined], database: async () => undefined },
  {
    name: 'as web, worker and cron on one PostgreSQL',
    skip: postgres.skip,
    roles: ['web', 'worker', 'cron'],
    database: async () => (await postgres.newDatabase()).url,
  },
]

/** These, in this order, whatever lies between them. */
function assertFollows(trace: readonly string[], types: readonly string[]): void {
  assert.deepEqual(
    trace.filter((type) => types.includes(type)),
    types,
    trace.join(' '),
  )
}

for (const { name, skip, roles, database } of places)
  describe(`the shop on the web, ${name}`, { skip }, () => {
    const opened = new AsyncDisposableStack()
    let folder: string
    let carrier: Awaited<ReturnType<typeof openCarrier>>
    let configs: readonly Config<Settings>[]
    let processes: readonly Awaited<ReturnType<typeof startOnline>>[]

    /** Whoever runs the shop writes its file. */
    const write = (settings: object): Promise<void> => writeFile(settingsFile(folder), JSON.stringify(settings))
    const until = async (isSo: () => unknown): Promise<void> => {
      while (!(await isSo())) await sleep(20)
    }
    const web = () => processes[0] as (typeof processes)[number]
    const worker = () => processes[1] ?? web()
    const statusOf = async (orderId: string) => (await web().query(getOrder({ orderId })))?.status
    /** The types of everything that follows from a command, in the order of the tree. */
    const typesOf = ({ record, events, jobs, followed }: TracedCommand): readonly string[] => [
      record.commandType,
      ...events.flatMap((event) => [event.type, ...event.followed.flatMap(typesOf)]),
      ...jobs.flatMap((job) => [job.type ?? '', ...job.followed.flatMap(typesOf)]),
      ...followed.flatMap(typesOf),
    ]
    const traceOf = async (commandId: string): Promise<readonly string[]> =>
      ((await web().commandLog.trace(commandId))?.commands ?? []).flatMap(typesOf)

    before(async () => {
      folder = opened.use(await temporaryFolder()).path
      carrier = opened.use(await openCarrier())
      await write({ carrier: { url: carrier.url } })
      const url = await database()
      const started = []
      for (const role of roles) {
        const config = opened.use(await openSettings(folder))
        started.push({
          config,
          running: opened.use(await startOnline(config, { store: onlineStore(folder, url), role })),
        })
      }
      configs = started.map(({ config }) => config)
      processes = started.map(({ running }) => running)
    })
    after(() => opened.disposeAsync())

    it(
      'brings a paid order to the dead letters when the carrier refuses it, and home when it is requeued',
      { timeout: 60_000 },
      async () => {
        await web().dispatch(placeOrder({ orderId: 'W-1', pieces: 2, pence: 900 }))
        const paid = await web().dispatch(pay({ orderId: 'W-1' }))
        await until(async () => (await worker().jobs.total({ states: ['dead_letter'], queue: 'parcels' })) === 1)
        const [dead] = (await worker().jobs.list({ states: ['dead_letter'], queue: 'parcels' })).items
        assert.equal(dead?.story.failures.length, 3)
        assert.deepEqual(carrier.told, ['W-1', 'W-1', 'W-1'])
        carrier.takesParcels = true
        assert.equal(await worker().jobs.change({ action: 'requeue', which: [dead] }), 1)
        await until(async () => (await statusOf('W-1')) === 'delivered')
        assertFollows(await traceOf(paid.commandId), [
          'Checkout.Pay',
          'Checkout.Paid',
          'Checkout.Deliver',
          'Checkout.NoteDelivery',
          'Checkout.Delivered',
        ])
      },
    )

    it('cancels an order that was not paid in time, and no paid one', { timeout: 60_000 }, async () => {
      await write({ carrier: { url: carrier.url }, checkout: { payWithinMs: 400 } })
      await until(() => configs.every(({ current }) => current.checkout.payWithinMs === 400))
      const placed = await web().dispatch(placeOrder({ orderId: 'W-2', pieces: 1, pence: 100 }))
      await web().dispatch(placeOrder({ orderId: 'W-3', pieces: 1, pence: 100 }))
      await web().dispatch(pay({ orderId: 'W-3' }))
      await until(async () => (await statusOf('W-2')) === 'cancelled')
      await until(async () => (await statusOf('W-3')) === 'delivered')
      assertFollows(await traceOf(placed.commandId), [
        'Checkout.Place',
        'Checkout.Placed',
        'Gesta.Deadline',
        'Checkout.Cancel',
        'Checkout.Cancelled',
      ])
    })

    it(
      'has a changed limit in force in all processes, and refuses none of them for a broken file',
      { timeout: 60_000 },
      async () => {
        await write({ carrier: { url: carrier.url }, checkout: { piecesMax: 5 } })
        await until(() => configs.every(({ current }) => current.checkout.piecesMax === 5))
        const refused = await web().dispatch(placeOrder({ orderId: 'W-4', pieces: 6, pence: 100 }))
        assert.ok(!refused.ok && refused.rejection.code === 'too_many')
        assert.deepEqual(refused.rejection.details, { piecesMax: 5 })
        await writeFile(settingsFile(folder), 'checkout: { piecesMax: lots')
        await until(() => configs.every(({ status }) => status.failure !== undefined))
        assert.ok(configs.every(({ current }) => current.checkout.piecesMax === 5))
      },
    )

    it('makes the report of the night, once, when it is asked for', { timeout: 60_000 }, async () => {
      const cron = processes.at(-1) ?? web()
      const [nightly] = await cron.crons.list({ nextRuns: 2 })
      assert.deepEqual([nightly?.name, nightly?.nextRuns.length], ['Report.Nightly', 2])
      const { jobId } = await cron.crons.runNow('Report.Nightly')
      await until(async () => (await worker().jobs.get(jobId))?.state === 'succeeded')
      const made = await worker().jobs.get(jobId)
      const { day } = JSON.parse(made?.payload ?? '') as { readonly day: string }
      assert.deepEqual(JSON.parse(made?.story.result ?? ''), { placed: 0, paid: 0, cancelled: 0, delivered: 0 })
      // Each process folds the order for itself.
      await until(async () => (await web().query(getReport({ day }))) !== null)
      assert.deepEqual(await web().query(getReport({ day })), {
        placed: 0,
        paid: 0,
        cancelled: 0,
        delivered: 0,
      })
      assertFollows(await traceOf(jobId), ['Report.Make', 'Report.Keep', 'Report.Made'])
    })
  })
