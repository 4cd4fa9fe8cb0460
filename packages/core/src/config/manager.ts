// The manager: one reload at a time, each of them whole or nothing. Parse, merge, validate, resolve, prepare, swap, notify.
import { findGestaError, GestaError } from '../errors/gesta-error.ts'
import { timeText } from '../time/clock.ts'
import type { Clock, Timer } from '../time/clock.ts'
import { readCandidate } from './candidate.ts'
import { checkConfigOptions } from './check-config-options.ts'
import type { Config, ConfigOptions, ConfigReload, ConfigStatus, ConfigStep, ConfigSubscriber } from './config.ts'
import type { ConfigDefinition } from './definition.ts'
import { nextInForce } from './in-force.ts'
import type { InForce } from './in-force.ts'
import { groupOf } from './keys.ts'
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
  let stored: StoredValues | undefined
  let lastError: GestaError | undefined
  let status: ConfigStatus

  const first = await readCandidate(parts, undefined, leaving.signal)
  if (!first.ok) throw first.error
  let inForce: InForce = nextInForce(keys, undefined, first.values).next
  status = { version: 1, since: now(), ...nothingWrong, reloads: 0, failures: 0 }

  /** `values`: what an administrator has set; `begins`: whether keys marked restart may still change. */
  const change = async (values: StoredValues | undefined, begins: boolean): Promise<ConfigReload> => {
    const candidate = await readCandidate(parts, storedLayer(keys, values), leaving.signal)
    if (!candidate.ok) return fail(candidate)
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
      return fail({ step: 'prepare', error: findGestaError(cause) ?? unexpected(cause) })
    }
    // The swap is this one assignment: whoever reads has the old values or the new ones.
    inForce = next
    stored = values
    lastError = undefined
    const version = changesSomething ? status.version + 1 : status.version
    const since = changesSomething ? now() : status.since
    status = { ...status, ...nothingWrong, version, since, pending: changes.pending, reloads: status.reloads + 1 }
    if (changesSomething) {
      const subscriberFailure = await tellAll(ready, subscribers, next.tree, changes, limits)
      status = { ...status, subscriberFailure }
    }
    return { ok: true, version, ...changes }
  }
  const fail = ({ step, error }: { readonly step: ConfigStep; readonly error: GestaError }): ConfigReload => {
    lastError = error
    const failure = { at: now(), step, code: error.code, reason: error.message }
    status = { ...status, failure, reloads: status.reloads + 1, failures: status.failures + 1 }
    return { ok: false, step, error }
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
      for (const listener of listeners) listener({ reload, storedVersion: stored?.version ?? 0 })
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
    const isOutside = !result.ok && (result.step === 'parse' || result.error.code === 'secret_unavailable')
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
      return stored
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

const nothingWrong = { pending: [] as readonly string[], failure: undefined, subscriberFailure: undefined }

function unexpected(cause: unknown): GestaError {
  return new GestaError('config_refused', 'The change could not be prepared. See the cause.', { cause })
}
function closed(): GestaError {
  return new GestaError('app_stopped', 'The configuration was closed. Open it again.')
}
