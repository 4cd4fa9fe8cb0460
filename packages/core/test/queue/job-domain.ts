// A domain with jobs for tests of the queue. What a job does is the test's; a command leaves jobs, and another is what jobs send.
import { aggregate, command, domain, event, handle, job } from '@gesta/core'
import type { Domain, Job, JobContext, JobRow, JsonValue, Running } from '@gesta/core'
import type { JobAnswer } from '@gesta/core'
import { whenIdle } from '@gesta/core/testing'
import { z } from 'zod'
import { startApp } from '../started-app.ts'
import type { StartedApp, StartedOptions } from '../started-app.ts'

const input = z.object({ text: z.string() })
export const Noted = event('Note.Noted', z.object({ text: z.string() }))
export const Note = aggregate('Note', () => ({ texts: [] as readonly string[] })).on(Noted, ({ texts }, { text }) => ({
  texts: [...texts, text],
}))
/** What jobs send. */
export const note = command('Note.Note', { input: z.object({ noteId: z.string(), text: z.string() }) })
/** Leaves jobs. */
export const order = command('Note.Order', { input: z.object({ texts: z.array(z.string()) }) })
export const work = job('Note.Work', { input })
export const flaky = job('Note.Flaky', { input, attemptsMax: 3, backoff: { firstMs: 60_000, maxMs: 60_000 } })
export const brief = job('Note.Brief', { input, timeoutMs: 1_000, queue: 'brief' })
export const hidden = job('Note.Hidden', { input, redact: { text: 'secret' } })

export type Doing = (text: string, context: JobContext) => Promise<JsonValue | JobAnswer | void>
export type JobDomain = Domain<'Note', never>

export function jobDomain(doing: Doing, permission: 'anonymous' | 'authenticated' = 'anonymous'): JobDomain {
  const run = async ({ text }: { readonly text: string }, context: JobContext): Promise<JsonValue | JobAnswer | void> =>
    doing(text, context)
  return domain('Note', {
    permissions: { 'Note.Note': permission, 'Note.Order': 'anonymous' },
    roles: ['any'],
    aggregates: [Note],
    handlers: [
      Note.decide(
        note,
        ({ noteId }) => noteId,
        (_, { text }) => [Noted({ text })],
      ),
      handle(order, async ({ texts }, { emit }) => {
        for (const text of texts) emit(work({ text }))
      }),
      handle(work, run),
      handle(flaky, run),
      handle(brief, run),
      handle(hidden, run),
    ],
  }) as unknown as JobDomain
}

export interface JobApp extends StartedApp {
  /** Stores jobs; the id of the first. */
  put(...jobs: readonly Job<string, unknown>[]): Promise<string>
  /** Lets time pass until no job is running or due. */
  idle(): Promise<void>
  /** The only job, or the one with this id. */
  row(id?: string): Promise<JobRow>
}

/** An app in memory on a fake clock. */
export async function startJobs(doing: Doing, options: StartedOptions = {}): Promise<JobApp> {
  const app = await startApp(jobDomain(doing), options)
  const { running, clock } = app
  return {
    ...app,
    put: async (...jobs) => (await running.jobs.enqueue(jobs)).jobIds[0] ?? '',
    idle: () => clock.finish(whenIdle(running, { clock })),
    row: async (id) => {
      const rows = (await running.jobs.list()).items
      const found = rows.find((row) => id === undefined || `${row.commandId}.j${row.index}` === id)
      if (found === undefined) throw new Error(`There is no job ${id}.`)
      return found
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

/** What the note holds, in order. */
export async function textsOf({ store }: Pick<StartedApp, 'store'>): Promise<readonly string[]> {
  return (await store.readAll({ after: 0, limit: 1_000 })).map(
    ({ data }) => (JSON.parse(data) as { text: string }).text,
  )
}
export type AnyRunning = Running<string, string>
