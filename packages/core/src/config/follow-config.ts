// A process follows what administrators set, and tells how: an event wakes it, and a look now and then finds what no event told.
import type { Command, Query } from '../contracts/messages.ts'
import { isGestaError } from '../errors/gesta-error.ts'
import type { GestaError } from '../errors/gesta-error.ts'
import { systemContext, systemTenant } from '../request-context/system-context.ts'
import { pause } from '../time/unless-aborted.ts'
import type { Config } from './config.ts'
import { ReportConfig, StoredConfig } from './config-contracts.ts'
import type { ConfigReport } from './config-contracts.ts'
import { reportEveryMs } from './convergence.ts'
import type { Manager, StoredValues } from './managers.ts'
import type { ConfigProblem } from './problems.ts'

/** What is needed of the started app. */
export interface FollowingApp {
  dispatch(command: Command<string, unknown, void, object>, options: object): Promise<unknown>
  query<Result>(query: Query<string, unknown, Result>, options: object): Promise<Result>
}
export interface FollowParts {
  readonly app: FollowingApp
  readonly config: Config<unknown>
  readonly manager: Manager
  readonly process: string
  readonly pollMs: number
}

const asProcess = { context: systemContext(systemTenant), role: 'worker' } as const

/** Takes what is set now, keys marked restart too, and follows until it is disposed. Errors: of the first look, `store_*`. */
export async function follow({ app, config, manager, process, pollMs }: FollowParts): Promise<AsyncDisposable> {
  const { clock } = manager
  const leaving = new AbortController()
  let tried: { readonly version: number; readonly reloads: number; readonly error: GestaError | undefined } | undefined
  let isTaking = false
  let told = ''
  let toldUs = 0

  const take = async (stored: StoredValues, begins: boolean): Promise<void> => {
    if (stored.version <= (manager.stored?.version ?? 0)) return
    // What was refused is refused again, until a source has changed or answers.
    const isSame = tried?.version === stored.version && tried.reloads === config.status.reloads
    if (isSame && !isOutside(tried?.error)) return
    isTaking = true
    const reload = await manager.adopt(stored, begins).finally(() => (isTaking = false))
    const error = reload.ok ? undefined : reload.error
    tried = { version: stored.version, reloads: config.status.reloads, error }
  }
  const reportOf = (): ConfigReport => {
    const { since, pending, failure } = config.status
    const version = manager.stored?.version ?? 0
    const attempted = tried?.error === undefined ? version : Math.max(version, tried.version)
    const about = { process, version, since, pendingKeys: pending }
    if (failure === undefined) return about
    const reason = reasonOf(failure.code, manager.lastError)
    return { ...about, failure: { version: attempted, at: failure.at, reason } }
  }
  const tell = async (): Promise<void> => {
    const report = reportOf()
    // The time of a failure that comes again and again says nothing new.
    const text = JSON.stringify({ ...report, failure: { ...report.failure, at: '' } })
    if (text === told && clock.monotonicUs() - toldUs < reportEveryMs * 1_000) return
    await app.dispatch(ReportConfig(report), asProcess)
    ;[told, toldUs] = [text, clock.monotonicUs()]
  }

  let waking = Promise.withResolvers<void>()
  let rung: StoredValues | undefined
  const endings = [
    manager.onRing((stored) => {
      rung = stored
      waking.resolve()
    }),
    // Of its own reload it knows. Woken by that, it would ask a store of secrets that is down again and again, without a pause.
    manager.onReload(() => isTaking || waking.resolve()),
  ]
  manager.process = process
  const look = async (begins: boolean): Promise<void> => {
    const stored = rung ?? (await app.query(StoredConfig(), { ...asProcess, signal: leaving.signal }))
    rung = undefined
    await take(stored, begins)
    await tell()
  }
  const loop = async (): Promise<void> => {
    while (!leaving.signal.aborted) {
      await Promise.race([waking.promise, pause(clock, pollMs, leaving.signal)]).catch(() => undefined)
      if (leaving.signal.aborted) return
      waking = Promise.withResolvers()
      // What fails now, such as a store that does not answer, is done by the next look.
      await look(false).catch(() => undefined)
    }
  }
  try {
    await look(true)
  } catch (cause) {
    for (const end of endings) end()
    throw cause
  }
  const looping = loop()
  return {
    [Symbol.asyncDispose]: async () => {
      leaving.abort()
      for (const end of endings) end()
      await looping
      await app.dispatch(ReportConfig({ ...reportOf(), leaves: true }), asProcess).catch(() => undefined)
    },
  }
}

/** Whether the same values may be taken when they are tried again. */
function isOutside(error: GestaError | undefined): boolean {
  return error !== undefined && (isGestaError(error, 'config_unreadable') || isGestaError(error, 'secret_unavailable'))
}

/** Codes and keys: values stay where they are. */
function reasonOf(code: string, error: GestaError | undefined): string {
  const problems = (error?.facts['problems'] ?? []) as readonly ConfigProblem[]
  const named = problems.flatMap(({ key, source }) => key ?? source ?? [])
  const keys = (error?.facts['keys'] ?? []) as readonly string[]
  return [code, [...named, ...keys].join(', ')].filter(Boolean).join(': ').slice(0, 1_000)
}
