// Crons as a started app has them: what fires them where it may, and what operators see and tell.
import { dispatch } from '../dispatch/dispatch.ts'
import type { Engine } from '../dispatch/engine.ts'
import { createGate } from '../dispatch/gate.ts'
import { cronCommand, cronHandlers } from '../queue/cron-commands.ts'
import type { CronAction } from '../queue/cron-commands.ts'
import { createCronLoop, stateOf } from '../queue/cron-loop.ts'
import type { CronLoop } from '../queue/cron-loop.ts'
import type { CronParts } from '../queue/cron.ts'
import { allows, bitsOf } from '../registry/roles.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { isSystemContext, systemContext } from '../request-context/system-context.ts'
import { checkWhole } from '../stores/check-text.ts'
import type { OpenBackend } from '../stores/backend.ts'
import { jobId } from '../stores/job/job.ts'
import type { JobStore } from '../stores/job/job-store.ts'

export interface CronStatus {
  readonly name: string
  readonly schedule: string
  readonly timeZone: string
  readonly overlap: 'skip' | 'allow'
  readonly missed: 'skip' | 'once' | 'all'
  readonly tenant: string
  /** Whether this process fires it. */
  readonly isRunHere: boolean
  readonly isPaused: boolean
  /** RFC 3339, and the identity or account of who did it. */
  readonly pausedAt: string | undefined
  readonly pausedBy: string | undefined
  /** The last firing of the schedule, RFC 3339; absent: there was none. */
  readonly lastTick: string | undefined
  /** The next firings of the schedule, RFC 3339, whether it is paused or not. */
  readonly nextRuns: readonly string[]
  /** What went wrong last in this process, as codes and names. */
  readonly lastError: string | undefined
}
/** What came of a run that somebody asked for. */
export interface CronRunNow {
  /** The job that was stored. */
  readonly jobId: string
  /** The job that has not ended, for which this one was cancelled; absent: it runs, or the store did not say. */
  readonly skippedFor: string | undefined
}
/** Who asks: kept in the command log and the audit log. Default: the app itself. */
export interface CronCaller {
  readonly context?: RequestContext | undefined
}
/**
 * The crons of an app, in all processes; whoever holds the app may use it, no permission is checked here. Errors of all: `store_*`; a plain one
 * for a cron that the app does not have. Reference: docs/reference/cron.md.
 */
export interface AppCrons {
  /** `nextRuns`: how many of each, 0 to 1,000. Default 5. */
  list(options?: { readonly nextRuns?: number | undefined }): Promise<readonly CronStatus[]>
  /** No process fires it until it is resumed. */
  pause(name: string, caller?: CronCaller): Promise<void>
  /** It fires again; what its schedule had meanwhile is not made up for. */
  resume(name: string, caller?: CronCaller): Promise<void>
  /**
   * Stores the job now, on behalf of the app as always, whether it is paused or not. With `overlap: 'skip'` it is cancelled, and not begun,
   * while an earlier one has not ended: the answer says so.
   */
  runNow(name: string, caller?: CronCaller): Promise<CronRunNow>
}
export interface Crons {
  /** To be enlisted before anything runs. */
  readonly handlers: ReturnType<typeof cronHandlers>
  readonly crons: AppCrons
  /** Gives it the app's engine. */
  open(engine: Engine, backend: Pick<OpenBackend, 'jobs' | 'readOnly'>): void
  /** Those that this process fires, and what went wrong with them last. */
  looked(): readonly { readonly name: string; readonly lastError: string | undefined }[]
  /** Begins, where this process may. */
  begin(): void
  /** Never rejects. */
  stop(): Promise<void>
}

/** Each takes in a thousand jobs or so. */
const looksMax = 100
const nextRunsDefault = 5
const nextRunsMax = 1_000

/** What comes before the engine is there. `app`: its name. */
export function createCrons(app: string, definitions: readonly CronParts[]): Crons {
  const byName = new Map(definitions.map((cron) => [cron.name, cron]))
  const gate = createGate(app)
  const stop = new AbortController()
  let unchecked: Engine | undefined
  let jobStore: JobStore | undefined
  let loop: CronLoop | undefined
  let here: ReadonlySet<string> = new Set()
  let running: Promise<void> | undefined
  const opened = <Part>(part: Part | undefined): Part => {
    if (part === undefined) throw new Error('A cron was asked before its app had started.')
    return part
  }
  const engine = (): Engine => opened(unchecked)
  const jobs = (): JobStore => opened(jobStore)
  const cronOf = (name: string): CronParts => {
    const cron = byName.get(name)
    if (cron !== undefined) return cron
    throw new Error(`The app ${app} has no cron ${name}. It has: ${[...byName.keys()].join(', ') || 'none'}.`)
  }
  const tell = async (action: CronAction, name: string, { context }: CronCaller = {}): Promise<string> => {
    const { tenant } = cronOf(name)
    const asked = context === undefined ? systemContext(tenant) : { ...context, targetTenant: tenant }
    // The job is the app's own, whoever asks for it.
    const caller = action === 'Run' ? actingForApp(asked, tenant) : asked
    const message = { type: cronCommand(action), data: { name } }
    return (await dispatch(engine(), message, { context: caller })).commandId
  }
  const statusOf = async (cron: CronParts, count: number): Promise<CronStatus> => {
    const { name, schedule, timeZone, overlap, missed, tenant, runs } = cron
    const { pausedAt, pausedBy, lastTick } = (await stateOf(engine(), cron)).state
    const nextRuns: string[] = []
    for (let at: number | undefined = engine().clock.nowUs() / 1000; nextRuns.length < count;) {
      at = runs.next(at)
      if (at === undefined) break
      nextRuns.push(new Date(at).toISOString())
    }
    const isPaused = pausedAt !== undefined
    const kept = { isRunHere: here.has(name), isPaused, pausedAt, pausedBy, lastTick }
    return { name, schedule, timeZone, overlap, missed, tenant, ...kept, nextRuns, lastError: loop?.lastError(name) }
  }
  return {
    handlers: definitions.length === 0 ? [] : cronHandlers(byName),
    crons: {
      list: async ({ nextRuns = nextRunsDefault } = {}) => {
        checkWhole(nextRuns, 'option nextRuns', 0, nextRunsMax)
        return Promise.all(definitions.map((cron) => statusOf(cron, nextRuns)))
      },
      pause: async (name, caller) => void (await tell('Pause', name, caller)),
      resume: async (name, caller) => void (await tell('Resume', name, caller)),
      runNow: async (name, caller) => {
        const commandId = await tell('Run', name, caller)
        // It is stored, whatever the store says of it now.
        const repeated = repetitionOf(engine(), jobs(), cronOf(name).tenant, commandId)
        return { jobId: jobId({ commandId, index: 0 }), skippedFor: await repeated.catch(() => undefined) }
      },
    },
    open: (started, { jobs: store, readOnly: isReadOnly = false }) => {
      jobStore = store
      // A firing that has begun is stored while the app lets nobody else in.
      unchecked = { ...started, middleware: [], gate }
      const own = definitions.filter(({ roles }) => !isReadOnly && allows(bitsOf(roles, 'job'), started.role))
      if (own.length === 0) return
      here = new Set(own.map(({ name }) => name))
      loop = createCronLoop(unchecked, own)
    },
    looked: () => [...here].map((name) => ({ name, lastError: loop?.lastError(name) })),
    begin: () => {
      running = loop?.run(stop.signal)
    },
    stop: async () => {
      stop.abort()
      await running
      await gate.close()
    },
  }
}

/** The job for which the job of a command was cancelled. */
async function repetitionOf(
  { ids }: Engine,
  jobs: JobStore,
  tenant: string,
  commandId: string,
): Promise<string | undefined> {
  // What a worker does that has no room: jobs that have arrived are taken in, and repetitions are cancelled by it.
  const look = { worker: ids.newId(), leaseMs: 0, ends: [], reports: [], wishes: [] }
  for (let looks = 0; looks < looksMax; looks++) if (!(await jobs.exchange(look)).hasMore) break
  return (await jobs.get(tenant, commandId, 0))?.story.repeats
}

/** The app itself, with who asks it as the one who really acts. */
function actingForApp(asked: RequestContext, tenant: string): RequestContext {
  if (isSystemContext(asked)) return asked
  return { ...asked, impersonator: asked.identity ?? asked.account, ...systemContext(tenant) }
}
