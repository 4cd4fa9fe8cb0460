// A throw-away server: started on a free port with its data in a temporary folder, stopped and started again as a test
// wants it, and gone with the test.
import { setTimeout as delay } from 'node:timers/promises'
import { reasonOf } from '../service-missing.ts'
import { freePort } from './free-port.ts'
import { createKeeper } from './keeper.ts'
import type { Command, Keeper, Kept } from './keeper.ts'

const startsWithinMs = 60_000
const attemptsMax = 3

/** `fast`: it shuts down in order. `immediate`: it ends at once, as in a crash, and recovers when it starts again. */
export type StopMode = 'fast' | 'immediate'

export interface OwnServer extends AsyncDisposable {
  /** The same after a restart. */
  readonly url: string
  /** Stops the server, and resolves when it has ended. Its data stay. */
  stop(mode: StopMode): Promise<void>
  /** Starts it again on the same data and port, and resolves when it answers. */
  start(): Promise<void>
}

/** How one kind of server is run. */
export interface Recipe {
  readonly name: string
  readonly signals: Readonly<Record<StopMode, NodeJS.Signals>>
  /** Makes the data that the server starts on. */
  prepare(keeper: Keeper): Promise<void>
  command(folder: string, port: number): Command
  url(port: number): string
  /** Throws as long as the server does not answer. */
  greet(url: string): Promise<unknown>
}

export async function startOwnServer(recipe: Recipe): Promise<OwnServer> {
  const { name, signals } = recipe
  const keeper = await createKeeper(`gesta-${name}-`, signals.immediate)
  let kept: Kept | undefined
  const start = async (port: number): Promise<void> => {
    if (kept && !kept.hasEnded) throw new Error(`This ${name} is running already.`)
    kept = keeper.run(recipe.command(keeper.folder, port))
    await untilItAnswers(recipe, recipe.url(port), kept, keeper)
  }
  try {
    await recipe.prepare(keeper)
    const port = await onFreePort(start, keeper)
    return {
      url: recipe.url(port),
      start: () => start(port),
      stop: async (mode) => {
        if (!kept || kept.hasEnded) throw new Error(`This ${name} is not running.`)
        keeper.signal(signals[mode])
        await keeper.during(kept.ended)
      },
      [Symbol.asyncDispose]: () => keeper[Symbol.asyncDispose](),
    }
  } catch (error) {
    await keeper[Symbol.asyncDispose]()
    throw error
  }
}

/** Between the search for a free port and the start of the server, somebody else can take the port. */
async function onFreePort(start: (port: number) => Promise<void>, keeper: Keeper): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    try {
      await start(port)
      return port
    } catch (error) {
      if (attempt === attemptsMax || !/address (?:already )?in use/i.test(keeper.log())) throw error
    }
  }
}

async function untilItAnswers(recipe: Recipe, url: string, kept: Kept, keeper: Keeper): Promise<void> {
  const giveUpAt = performance.now() + startsWithinMs
  for (;;) {
    try {
      await recipe.greet(url)
      return
    } catch (error) {
      if (kept.hasEnded)
        throw new Error(`${recipe.name} ended while it started. It said:\n${keeper.log()}`, { cause: error })
      if (performance.now() > giveUpAt) {
        throw new Error(`${recipe.name} does not answer: ${reasonOf(error)}. It said:\n${keeper.log()}`, {
          cause: error,
        })
      }
      await delay(20)
    }
  }
}
