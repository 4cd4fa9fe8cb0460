// A process follows what administrators set, and tells how: an event wakes it, and a look now and then finds what no event told.
import type { Command, Query } from '../contracts/messages.ts'
import { isGestaError } from '../errors/gesta-error.ts'
import type { GestaError } from '../errors/gesta-error.ts'
import { systemContext, systemTenant } from '../request-context/system-context.ts'
import { pause } from '../time/unless-aborted.ts'
import type { Config } from './config.ts'
import { ListConfigProcesses, ReportConfig, StoredConfig } from './config-contracts.ts'
import type { ConfigReport } from './config-contracts.ts'
import { reportEveryMs } from './convergence.ts'
import type { Manager, StoredValues } from './managers.ts'
import type { ConfigProblem } from './problems.ts'

/** What is needed of the started app. */
export interface FollowingApp {
  dispatch(
    command: Command<string, unknown, void, { readonly taken: undefined }>,
    options: object,
  ): Promise<{ readonly ok: boolean }>
  query<Result>(query: Query<string, unknown, Result>, options: object): Promise<Result>
}
export interface FollowParts {
  readonly app: FollowingApp
  readonly config: Config<unknown>
  readonly manager: Manager
  /** How it is called; absent: by its role and the first number that is free. */
  readonly process: string | undefined
  readonly role: string | undefined
  /** Of no other process. */
  readonly instance: string
  readonly pollMs: number
}

const asProcess = { context: systemContext(systemTenant), role: 'worker' } as const

/** Takes what is set now, keys marked restart too, and follows until it is disposed. Errors: of the first look, `store_*`. */
export async function follow(parts: FollowParts): Promise<AsyncDisposable> {
  const { app, config, manager, pollMs } = parts
  const { clock } = manager
  const name = nameOf(parts)
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
    const error = reload.ok ? manager.lastError : reload.error
    tried = { version: stored.version, reloads: config.status.reloads, error }
  }
  const reportOf = (): ConfigReport => {
    const { since, pending, leftAside, failure } = config.status
    const version = manager.stored?.version ?? 0
    const attempted = tried?.error === undefined ? version : Math.max(version, tried.version)
    const about = { ...name.current, version, since, pendingKeys: pending }
    if (failure === undefined) return about
    const reason = reasonOf(failure.code, manager.lastError, leftAside)
    return { ...about, failure: { version: attempted, at: failure.at, reason } }
  }
  const tell = async (): Promise<void> => {
    await name.choose()
    const report = reportOf()
    // The time of a failure that comes again and again says nothing new.
    const text = JSON.stringify({ ...report, failure: { ...report.failure, at: '' } })
    if (text === told && clock.monotonicUs() - toldUs < reportEveryMs * 1_000) return
    const outcome = await app.dispatch(ReportConfig(report), asProcess)
    if (!outcome.ok) {
      name.lost()
      return tell()
    }
    manager.process = report.process
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

interface Name {
  /** What reports say of it. */
  readonly current: { readonly process: string; readonly instance?: string }
  /** Looks for one that is free, when it has none. Errors: `store_*`. */
  choose(): Promise<void>
  /** Another process has it. */
  lost(): void
}

/** Names are used again, so that processes which come and go leave no stream each. Who is first to tell of itself under one has it. */
function nameOf({ app, process, role = 'process', instance }: FollowParts): Name {
  if (process !== undefined) return { current: { process }, choose: async () => undefined, lost: () => undefined }
  let number = 0
  const nameNow = (): string => `${role}-${number}`
  return {
    get current() {
      return { process: nameNow(), instance }
    },
    choose: async () => {
      if (number > 0) return
      const { processes } = await app.query(ListConfigProcesses({}), asProcess)
      const listed = new Set(processes.map((one) => one.process))
      do number++
      while (listed.has(nameNow()))
    },
    lost: () => void number++,
  }
}

/** Whether the same values may be taken when they are tried again. */
function isOutside(error: GestaError | undefined): boolean {
  return error !== undefined && (isGestaError(error, 'config_unreadable') || isGestaError(error, 'secret_unavailable'))
}

/** Codes and keys: values stay where they are. */
function reasonOf(code: string, error: GestaError | undefined, leftAside: readonly string[]): string {
  const problems = (error?.facts['problems'] ?? []) as readonly ConfigProblem[]
  const named = problems.flatMap(({ key, source }) => key ?? source ?? [])
  const keys = (error?.facts['keys'] ?? []) as readonly string[]
  // What is missing is said first: it must not be cut off.
  const missing = leftAside.length > 0 && `not in force: ${leftAside.join(', ').slice(0, 500)}`
  const why = [code, [...named, ...keys].join(', ')].filter(Boolean).join(': ')
  return [missing, why].filter(Boolean).join('; ').slice(0, 1_000)
}
