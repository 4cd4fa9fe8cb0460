// The manager: one reload at a time, each of them whole or nothing. Parse, merge, validate, resolve, prepare, swap, notify.
import { isDeepStrictEqual } from 'node:util'
import { findGestaError, GestaError } from '../errors/gesta-error.ts'
import { timeText } from '../time/clock.ts'
import type { Clock, Timer } from '../time/clock.ts'
import { readCandidate } from './candidate.ts'
import { checkConfigOptions } from './check-config-options.ts'
import type { Config, ConfigOptions, ConfigReload, ConfigStatus, ConfigStep, ConfigSubscriber } from './config.ts'
import type { NamedValues } from './config-contracts.ts'
import type { ConfigDefinition } from './definition.ts'
import { nextInForce } from './in-force.ts'
import type { InForce } from './in-force.ts'
import { groupOf } from './keys.ts'
import { readLeavingAside, Refusals } from './left-aside.ts'
import { prepareAll, tellAll } from './prepare.ts'
import { registerManager } from './managers.ts'
import type { ManagedReload, StoredValues } from './managers.ts'
import { showKeys } from './show.ts'
import { storedLayer } from './stored-layer.ts'

const retryMsMax = 60_000

/** Reads all sources and follows them. Errors: `config_unreadable`, `config_invalid`, `secret_unavailable`; plain ones for options. */
export async function openManager<Values>(
  definition: ConfigDefinition<Values>,
  options: ConfigOptions,
  clock: Clock,
): Promise<Config<Values>> {
  checkConfigOptions(options)
  const { sources = [], secrets = [], readTimeoutMs = 10_000, prepareTimeoutMs = 10_000, retryMs = 5_000 } = options
  const { keys } = definition
  const parts = { keys, group: groupOf(keys), sources, secrets, lastRead: new Map(), readTimeoutMs, clock }
  const leaving = new AbortController()
  const subscribers = new Set<ConfigSubscriber<unknown>>()
  const listeners = new Set<(reload: ManagedReload) => void>()
  const rung = new Set<(stored: StoredValues) => void>()
  /** As the log has them. */
  let stored: StoredValues | undefined
  /** Those of them that are in force, and the last version of which that was all. */
  let taken: NamedValues = {}
  let wholeVersion = 0
  const refusals = new Refusals()
  let lastError: GestaError | undefined
  let status: ConfigStatus

  const first = await readCandidate(parts, undefined, leaving.signal)
  if (!first.ok) throw first.error
  let inForce: InForce = nextInForce(keys, undefined, first.values).next
  status = { version: 1, since: now(), ...nothingWrong, reloads: 0, failures: 0 }

  /** `values`: what an administrator has set; `begins`: whether keys marked restart may still change. */
  const change = async (values: StoredValues | undefined, begins: boolean): Promise<ConfigReload> => {
    const read = (named: NamedValues): ReturnType<typeof readCandidate> =>
      readCandidate(parts, values && storedLayer(keys, named), leaving.signal)
    // While a process runs, a version is taken whole or not at all. One that begins would have nothing of it, and so takes what it can.
    const mayLeave = (path: string): boolean =>
      values !== undefined && !isTaken(path, values) && (begins || refusals.isOld(path, values))
    const attempt = await readLeavingAside(read, values?.values ?? {}, mayLeave, taken)
    const { candidate, aside } = attempt
    if (!candidate.ok) return fail(candidate, values, begins)
    // What is in force is only compared with while the process begins; afterwards it also decides what has to wait.
    const known = begins ? keys.map((key) => ({ ...key, reload: 'hot' as const })) : keys
    const { next, change: changes } = nextInForce(known, inForce, candidate.values)
    const ready = new Set<ConfigSubscriber<unknown>>()
    const changesSomething = changes.changed.length > 0
    const limits = { clock, prepareTimeoutMs, signal: leaving.signal }
    try {
      // Who comes meanwhile has read the values of before, so nobody is left out when they are replaced.
      while (changesSomething && [...subscribers].some((one) => !ready.has(one)))
        await prepareAll(subscribers, ready, next.tree, changes, limits)
    } catch (cause) {
      leaving.signal.throwIfAborted()
      return fail({ step: 'prepare', error: findGestaError(cause) ?? unexpected(cause) }, values, begins)
    }
    // The swap is this one assignment: whoever reads has the old values or the new ones.
    inForce = next
    stored = values
    taken = attempt.values
    lastError = undefined
    const version = changesSomething ? status.version + 1 : status.version
    const since = changesSomething ? now() : status.since
    status = { ...status, ...nothingWrong, version, since, pending: changes.pending, reloads: status.reloads + 1 }
    if (aside === undefined || values === undefined) {
      wholeVersion = values?.version ?? 0
      refusals.clear()
    } else {
      if (begins) refusals.aside(aside.keys, values)
      noteFailure(aside)
      status = { ...status, leftAside: aside.keys }
    }
    if (changesSomething) {
      const subscriberFailure = await tellAll(ready, subscribers, next.tree, changes, limits)
      status = { ...status, subscriberFailure }
    }
    return { ok: true, version, ...changes }
  }
  const isTaken = (path: string, { values }: StoredValues): boolean =>
    Object.hasOwn(taken, path) && isDeepStrictEqual(taken[path], values[path])
  const fail = (failed: Failed, values: StoredValues | undefined, begins: boolean): ConfigReload => {
    noteFailure(failed)
    status = { ...status, reloads: status.reloads + 1 }
    if (values !== undefined) refusals.note(failed.error, values)
    if (values !== undefined && begins) {
      const leftAside = keys.map(({ path }) => path)
      status = {
        ...status,
        leftAside: leftAside.filter((path) => Object.hasOwn(values.values, path) && !isTaken(path, values)),
      }
    }
    return { ok: false, ...failed }
  }
  const noteFailure = ({ step, error }: Failed): void => {
    lastError = error
    const failure = { at: now(), step, code: error.code, reason: error.message }
    status = { ...status, failure, failures: status.failures + 1 }
  }
  function now(): string {
    return timeText(clock.nowUs())
  }

  let turn: Promise<unknown> = Promise.resolve()
  let waiting: Promise<ConfigReload> | undefined
  let retry: Timer | undefined
  let retries = 0
  const inTurn = (values: () => StoredValues | undefined, begins: boolean): Promise<ConfigReload> => {
    const result = turn.then(async () => {
      waiting = undefined
      leaving.signal.throwIfAborted()
      const reload = await change(values(), begins)
      againLater(reload)
      for (const listener of listeners) listener({ reload, storedVersion: wholeVersion })
      return reload
    })
    turn = result.catch(() => undefined)
    return result
  }
  const reload = (): Promise<ConfigReload> =>
    (waiting ??= inTurn(() => stored, false).catch(() => ({ ok: false, step: 'parse', error: closed() })))
  /** Whoever did not answer may answer later, and nobody would tell. */
  const againLater = (result: ConfigReload): void => {
    retry?.cancel()
    const isUnread = !result.ok && result.step === 'parse'
    const isOutside = isUnread || lastError?.code === 'secret_unavailable'
    retries = isOutside ? retries + 1 : 0
    retry = isOutside ? clock.after(Math.min(retryMsMax, retryMs * 2 ** (retries - 1)), () => void reload()) : undefined
  }
  const following = sources.flatMap((source) => source.follow?.(() => void reload()) ?? [])

  const config: Config<Values> = {
    definition,
    get current() {
      return inForce.tree as Values
    },
    get status() {
      return status
    },
    on: (given) => {
      const subscriber = (typeof given === 'function' ? { changed: given } : given) as ConfigSubscriber<unknown>
      subscribers.add(subscriber)
      return () => void subscribers.delete(subscriber)
    },
    reload,
    origin: (path) => {
      const found = inForce.values.get(path)
      if (found === undefined) throw new Error(`The configuration has no key "${path}".`)
      return found.origin
    },
    show: () => showKeys(keys, inForce),
    [Symbol.asyncDispose]: async () => {
      leaving.abort(closed())
      retry?.cancel()
      await Promise.all(following.map((one) => one[Symbol.asyncDispose]()))
      await turn
    },
  }
  registerManager(config, {
    adopt: (values, begins) => inTurn(() => values, begins),
    try: (values) => readCandidate(parts, storedLayer(keys, values), leaving.signal, true),
    onReload: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    get stored() {
      return stored && { ...stored, version: wholeVersion }
    },
    get lastError() {
      return lastError
    },
    ring: (values) => {
      for (const listener of rung) listener(values)
    },
    onRing: (listener) => {
      rung.add(listener)
      return () => void rung.delete(listener)
    },
    process: undefined,
    clock,
  })
  return config
}

type Failed = { readonly step: ConfigStep; readonly error: GestaError }

const none: readonly string[] = []
const nothingWrong = { pending: none, leftAside: none, failure: undefined, subscriberFailure: undefined }

function unexpected(cause: unknown): GestaError {
  return new GestaError('config_refused', 'The change could not be prepared. See the cause.', { cause })
}
function closed(): GestaError {
  return new GestaError('app_stopped', 'The configuration was closed. Open it again.')
}
