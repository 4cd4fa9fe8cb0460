// A process of a small app, as `runProcess` runs it. Its parent says when a slow command may end, and how the process stops.
import { command, createApp, domain, handle, job, memory } from '@gesta/core'
import { runProcess, serve } from '../../src/index.ts'

const {
  leaveMs = 0,
  deadlineMs = 60_000,
  keep = false,
  stuck = false,
  works = false,
} = JSON.parse(process.env['HOW'] ?? '{}') as {
  readonly leaveMs?: number
  readonly deadlineMs?: number
  /** Whether something is left over that keeps the process running. */
  readonly keep?: boolean
  /** Whether it never gets to run, whatever asks it to stop. */
  readonly stuck?: boolean
  /** Whether it has a job that never ends, whatever its signal says. */
  readonly works?: boolean
}
const slow = command('Order.Slow')
const endless = job('Order.Endless')
const opened = Promise.withResolvers<void>()
process.on('message', (message) => {
  if (message === 'open') opened.resolve()
})
// The channel to the parent alone keeps no process running.
process.channel?.unref()
if (keep) setInterval(() => undefined, 1_000)

const app = createApp('shop', {
  domains: [
    domain('Order', {
      handlers: [
        handle(slow, async () => {
          process.send?.('entered')
          await opened.promise
        }),
        handle(endless, async () => {
          process.send?.('working')
          await new Promise(() => undefined)
        }),
      ],
      roles: ['any'],
      permissions: { 'Order.Slow': 'anonymous' },
    }),
  ],
})
await runProcess({
  leaveMs,
  deadlineMs,
  start: ({ role, signal }) => {
    process.send?.('starting')
    return stuck ? new Promise(() => undefined) : app.start({ store: memory(), role, signal })
  },
  serve: async (running) => {
    if (works) await running.jobs.enqueue(endless())
    return serve(running, { port: 0, shutdownTimeoutMs: 60_000 })
  },
})
