// The process that is killed: an app with read models of every kind, which writes commands all the time while its read models are told
// things at random.
import { setTimeout as delay } from 'node:timers/promises'
import { memoryViews } from '@gesta/core'
import type { Running } from '@gesta/core'
import { findGestaError } from '@gesta/core/ports'
import type { Backend, EventStore, ReadModelStore } from '@gesta/core/ports'
import { crashing } from '@gesta/core/testing'
import { diceOf } from '../../dice.ts'
import type { Dice } from '../../dice.ts'
import { eachLine } from '../../lines.ts'
import { createViewsCheck } from '../check.ts'
import type { FromProcess, Opening } from '../protocol.ts'
import { accounts, add, close } from './accounts.ts'
import type { Hooks } from './accounts.ts'
import { operate } from './operator.ts'
import { settle } from './settle.ts'
import { createWatch, watchedViews } from './watched-views.ts'
import type { Watch } from './watched-views.ts'

const writers = 4
const tell = (line: FromProcess): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
const wrong = (error: unknown): void => tell({ wrong: error instanceof Error ? String(error.stack) : String(error) })
process.on('uncaughtException', wrong)
process.on('unhandledRejection', wrong)

async function backendOf({ store, at, schema, crash }: Opening): Promise<Backend> {
  const crashed = <Options extends object>(options: Options): Options =>
    crash === undefined ? options : crashing(options, crash)
  if (store !== 'postgres')
    return (await import('@gesta/sqlite')).sqlite(at, crashed({ durability: 'normal' as const }))
  const { postgres } = await import('@gesta/postgres')
  return postgres(crashed({ url: at, schema, lockTimeoutMs: 900, answerTimeoutMs: 2000 }))
}

function watched(backend: Backend, watch: Watch, onOpen: (events: EventStore) => void): Backend {
  return {
    ...backend,
    open: async (runtime) => {
      const opened = await backend.open(runtime)
      onOpen(opened.events)
      return { ...opened, readModels: watchedViews(opened.readModels, watch) }
    },
  }
}

type Commands = Running<'Account.Add' | 'Account.Close', never>
/** Few accounts, two tenants, several events in a command. */
async function write(running: Commands, dice: Dice, isOver: () => boolean, onWritten: () => void): Promise<void> {
  while (!isOver()) {
    const caller = running.as(dice(2) === 0 ? { tenant: 'left' } : { tenant: 'right' })
    const account = `a${dice(50)}`
    const amounts = Array.from({ length: 1 + dice(4) }, () => 1 + dice(100))
    try {
      await (dice(30) === 0 ? caller.dispatch(close({ account })) : caller.dispatch(add({ account, amounts })))
      onWritten()
    } catch (error) {
      // A server that is away, or an aggregate that another process writes too.
      if (findGestaError(error) === undefined) wrong(error)
      await delay(20)
    }
    await delay(dice(6))
  }
}

async function run(opening: Opening): Promise<() => Promise<void>> {
  const watch = createWatch(opening.end, tell)
  const hooks: Hooks = {
    isFailing: true,
    onHandler: () => {
      watch.reached('handler')
      if (opening.end?.at === 'after handler') setImmediate(() => watch.reached('after handler'))
    },
  }
  let events: EventStore | undefined
  let inMemory: ReadModelStore | undefined
  const views = memoryViews()
  const app = accounts(opening.store, hooks, {
    ...views,
    open: async (runtime) => (inMemory = watchedViews(await views.open(runtime), watch)),
  })
  const store = watched(await backendOf(opening), watch, (opened) => (events = opened))
  const running = await app.start({ store })
  const dice = diceOf(opening.seed)
  let isOver = false
  let written = 0
  const onWritten = (): void => tell({ wrote: (written += 1) })
  // One that was told to stop would have no part in a run without an operator.
  if (!opening.isOperated)
    for (const { name } of running.readModels.list()) await running.readModels.control(name).start()
  const atWork = [
    ...Array.from({ length: writers }, (_, at) => write(running, diceOf(opening.seed + at), () => isOver, onWritten)),
    ...(opening.isOperated ? [operate(running.readModels, hooks, dice, () => isOver, tell)] : []),
  ]
  return async () => {
    isOver = true
    await Promise.all(atWork)
    hooks.isFailing = false
    const settled = await settle(running)
    const looked = { views: 0, parked: 0 }
    // Nobody else can look into views in memory.
    if (inMemory !== undefined && events !== undefined) await createViewsCheck('memory', looked).look(inMemory, events)
    tell({ settled, views: looked.views })
  }
}

let settling: Promise<() => Promise<void>> | undefined
eachLine(process.stdin, (line) => {
  if (settling !== undefined) return void settling.then((begin) => begin()).catch(wrong)
  settling = run(JSON.parse(line) as Opening)
  settling.then(() => tell({ ready: true }), wrong)
})
// Without the harness there is nobody to run for.
process.stdin.on('end', () => process.exit())
