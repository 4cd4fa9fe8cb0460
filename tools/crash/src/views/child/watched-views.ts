// A store of views that tells what the engine asks of it, before and after: where the process is ended, or stopped.
import type { Flush, ReadModelStore, View } from '@gesta/core/ports'
import type { EngineEnd, EngineStep, FromProcess } from '../protocol.ts'

export interface Watch {
  /** Ends this process when the step is the one. */
  reached(step: EngineStep, what?: string): void
  readonly tell: (line: FromProcess) => void
  /** Whether the end of every flush is told. */
  readonly tellsFlushes: boolean
}

export function createWatch(end: EngineEnd | undefined, tell: (line: FromProcess) => void): Watch {
  let times = 0
  return {
    tell,
    tellsFlushes: end === undefined || end.signal === 'SIGSTOP',
    reached: (step, what = '') => {
      if (end?.at !== step || (times += 1) !== end.after) return
      // Written to a pipe at once.
      if (end.signal === 'SIGSTOP') tell({ stopping: what })
      process.kill(process.pid, end.signal)
    },
  }
}

export function watchedViews(store: ReadModelStore, watch: Watch): ReadModelStore {
  const { reached } = watch
  const around = async <Result>(
    before: EngineStep,
    behind: EngineStep,
    run: () => Promise<Result>,
  ): Promise<Result> => {
    reached(before)
    const result = await run()
    reached(behind)
    return result
  }
  return {
    ...store,
    open: (view, tables) => around('open', 'opened', async () => watchedView(await store.open(view, tables), watch)),
    changePlan: (...given) => around('changePlan', 'planChanged', () => store.changePlan(...given)),
    remove: (view) => around('remove', 'removed', () => store.remove(view)),
  }

  function watchedView(view: View, { tell, tellsFlushes }: Watch): View {
    const { name, generation } = view.view
    return {
      ...view,
      claim: (token) => around('claim', 'claimed', () => view.claim(token)),
      askParked: (request) => around('askParked', 'parkedAsked', () => view.askParked(request)),
      flush: async (flush: Flush) => {
        reached('flush', `${name}/${generation}`)
        const isMoved = await view.flush(flush)
        if (tellsFlushes) tell({ flushed: `${name}/${generation}`, isMoved })
        reached('flushed')
        return isMoved
      },
    }
  }
}
