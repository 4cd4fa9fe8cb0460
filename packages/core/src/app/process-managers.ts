// Process managers as a started app has them: what follows the log for them, what runs their jobs, and who hears of dead letters.
import { createGate } from '../dispatch/gate.ts'
import type { Engine } from '../dispatch/engine.ts'
import type { RunHandler } from '../dispatch/handler.ts'
import type { ProcessDefinition } from '../process-managers/process-handler.ts'
import type { SubscriberParts } from '../pump/subscriber.ts'
import type { OpenBackend } from '../stores/backend.ts'
import { createAppProcessManagers } from './parked-processes.ts'
import type { AppProcessManagers } from './parked-processes.ts'
import { watchFailures } from './process-failures.ts'
import type { UntoldFailure } from './process-failures.ts'
import { processJobs } from './process-jobs.ts'
import { createReactions } from './process-reactions.ts'
import type { TellProcess } from './process-reactions.ts'
import { processSubscriber } from './process-subscribers.ts'

export interface Processes {
  /** To be enlisted before anything runs. */
  readonly handlers: readonly Pick<RunHandler, 'contract' | 'roles'>[]
  readonly subscribers: readonly SubscriberParts[]
  readonly processManagers: AppProcessManagers
  /** What was parked in this process since it began, and errors of what could not be told. */
  looked(): readonly { readonly name: string; readonly parked: number; readonly untold: readonly string[] }[]
  /** Gives it the app's engine. */
  open(engine: Engine, backend: OpenBackend): void
  /** Begins to look for dead letters, where workers run. */
  begin(): void
  /** After the subscribers and workers. Never rejects. */
  stop(): Promise<void>
}

/** What comes before the engine is there. `app`: its name. */
export function createProcesses(app: string, definitions: readonly ProcessDefinition[]): Processes {
  // Open until everything that may still send has ended.
  const gate = createGate(app)
  const stop = new AbortController()
  let checking: Engine | undefined
  let watch: (() => Promise<void>) | undefined
  let watching: Promise<void> | undefined
  let untold: readonly UntoldFailure[] = []
  const engine = (): Engine => {
    if (checking === undefined) throw new Error('A process manager was asked before its app had started.')
    return checking
  }
  const parked = new Map<string, number>()
  const react = createReactions(() => ({ ...engine(), middleware: [] }))
  const tell: TellProcess = async (manager, told) => {
    const reaction = await react(manager, told)
    if (reaction === 'parked') parked.set(manager.name, (parked.get(manager.name) ?? 0) + 1)
    return reaction
  }
  const byName = new Map(definitions.map((definition) => [definition.manager.name, definition]))
  const managers = new Map(definitions.map(({ manager }) => [manager.name, manager]))
  const watched = new Map([...managers].filter(([, { failures }]) => failures.size > 0))
  return {
    handlers:
      definitions.length === 0 ? [] : [...definitions.map(({ handler }) => handler), ...processJobs(managers, tell)],
    subscribers: definitions.map(({ manager }) => processSubscriber(manager, tell)),
    processManagers: createAppProcessManagers(byName, engine, tell, () => untold),
    looked: () =>
      [...managers.keys()].map((name) => ({
        name,
        parked: parked.get(name) ?? 0,
        untold: untold.filter(({ processManager }) => processManager === name).map(({ error }) => error),
      })),
    open: (started, { jobs, readOnly }) => {
      checking = { ...started, gate }
      const isWorker = started.role === undefined || started.role === 'worker'
      if (watched.size === 0 || !isWorker || readOnly === true) return
      const { store, alarms } = started
      const onLook = (found: typeof untold): void => void (untold = found)
      watch = () => watchFailures({ managers: watched, jobs, store, alarms, tell, onLook }, stop.signal)
    },
    begin: () => {
      watching = watch?.()
    },
    stop: async () => {
      stop.abort()
      await watching
      await gate.close()
    },
  }
}
