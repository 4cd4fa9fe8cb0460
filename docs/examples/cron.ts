import { z } from 'zod'
import { createApp, cron, domain, handle, job } from '@gesta/core'

const report = job('Sales.Report', { input: z.object({ upTo: z.string() }) })

const nightly = cron('Sales.Nightly', {
  schedule: '0 2 * * *',
  timeZone: 'Europe/Berlin',
  job: ({ at }) => report({ upTo: at }),
})

const { promise: isMade, resolve } = Promise.withResolvers<void>()
const sales = domain('Sales', {
  permissions: 'anonymous',
  handlers: [
    handle(report, async ({ upTo }) => {
      console.log(`a report, ${upTo.length} characters of time`)
      resolve()
    }),
  ],
  crons: [nightly],
})

await using running = await createApp('shop', { domains: [sales] }).start()
const [status] = await running.crons.list({ nextRuns: 3 })
console.log(status?.nextRuns.length, 'runs to come, paused:', status?.isPaused)
await running.crons.runNow('Sales.Nightly')
await isMade
