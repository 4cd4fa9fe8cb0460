// An app as a process: started, served, and stopped in order when a signal asks for it.
import type { Running } from '@gesta/core'
import { hostOf } from '@gesta/core/host'
import type { Host } from '@gesta/core/host'
import { tell } from '../logger.ts'
import type { Logger } from '../logger.ts'
import { listenForSignals } from './signals.ts'
import type { Signals } from './signals.ts'
import { loggerOf, processSettings } from './process-options.ts'
import type { ProcessOptions, ProcessSettings, Served } from './process-options.ts'
import { stopInOrder } from './stop-in-order.ts'
import type { Stopping } from './stop-in-order.ts'

/**
 * Runs an app until SIGTERM or SIGINT, and stops it in this order: `/ready` says no; after `leaveMs` no connection is accepted, and requests
 * and streams are finished; then the app stops, which finishes jobs, subscribers and the relay, and closes its stores. A second signal, or
 * the deadline, ends the process as it is, and a line says what was still open. Sets the exit code: 0; 1 for what failed or was cut short;
 * 2 for a role or option that is none; 128 and the signal's number after a second one.
 * Reference: docs/reference/processes.md.
 */
export async function runProcess(options: ProcessOptions): Promise<void> {
  const logger = loggerOf(options)
  let settings: ProcessSettings
  try {
    settings = processSettings(options)
  } catch (error) {
    tell(logger, 'error', { error }, 'The process cannot run.')
    process.exitCode = 2
    return
  }
  const signals = listenForSignals()
  try {
    await untilSignal(options, settings, signals, logger)
  } catch (error) {
    if (signals.first.aborted && error === signals.first.reason) return
    tell(logger, 'error', { role: settings.role, error }, 'The process failed.')
    process.exitCode = 1
  } finally {
    signals.stopListening()
  }
}

async function untilSignal(
  { start, serve }: ProcessOptions,
  settings: ProcessSettings,
  signals: Signals,
  logger: Logger,
): Promise<void> {
  const { role } = settings
  let open: Stopping['open'] = () => ({ step: 'starting', requests: 0, jobs: 0 })
  endHard(() => open(), signals, settings, logger)
  // The app has this signal while it starts; once it runs it is stopped in its turn.
  const starting = new AbortController()
  const abort = (): void => starting.abort(signals.first.reason)
  signals.first.addEventListener('abort', abort)
  const running = await start({ role, signal: starting.signal })
  signals.first.removeEventListener('abort', abort)
  let servers: readonly Served[]
  try {
    servers = [await serve(running, role)].flat()
  } catch (error) {
    await running[Symbol.asyncDispose]()
    throw error
  }
  tell(logger, 'info', { role, urls: servers.flatMap(({ url }) => url ?? []) }, 'The process runs.')
  await signals.came
  const { signal } = signals
  const leftMs = (): number => settings.deadlineMs - signals.agoMs()
  const app = {
    drain: (deadlineMs: number) => running.jobs.drain({ deadlineMs }),
    stop: (patienceMs: number) => stopApp(running, patienceMs),
    jobs: () => Object.values(running.jobs.status?.running ?? {}).reduce((sum, count) => sum + count, 0),
  }
  const stopping = stopInOrder(app, servers, settings.leaveMs, leftMs, (step) =>
    tell(logger, 'info', { role, signal, step }, 'The process is stopping.'),
  )
  open = stopping.open
  await stopping.done
  tell(logger, 'info', { role, signal }, 'The process has stopped.')
}

/** What wraps an app, and is none itself, stops in its own time. */
async function stopApp(running: Running<string, string>, patienceMs: number): Promise<void> {
  await findHost(running)?.stop(patienceMs)
  await running[Symbol.asyncDispose]()
}

function findHost(running: Running<string, string>): Host | undefined {
  try {
    return hostOf(running)
  } catch {
    return undefined
  }
}

/** Ends the process when it does not stop by itself: also while it starts, and when something keeps it running after it has stopped. */
function endHard(open: Stopping['open'], signals: Signals, { deadlineMs }: ProcessSettings, logger: Logger): void {
  const end = (why: string, code: number): void => {
    const kept = process.getActiveResourcesInfo()
    tell(logger, 'error', { why, ...open(), kept: countsOf(kept) }, 'The process ends before it has finished.')
    process.exit(code)
  }
  signals.first.addEventListener('abort', () => setTimeout(() => end('deadline', 1), deadlineMs).unref())
  signals.again((number) => end('signal', 128 + number))
}

function countsOf(names: readonly string[]): { readonly [name: string]: number } {
  const counts: { [name: string]: number } = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
