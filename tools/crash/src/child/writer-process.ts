// The process that is killed: opens a store under an app, hands in the commits that it is sent, and tells what was said of each.
// Standard output is a pipe, to which Node writes at once: what was written is with the harness, whatever happens next.
import { flushCompileCache } from 'node:module'
import { findGestaError } from '@gesta/core/ports'
import type { Backend, EventStore } from '@gesta/core/ports'
import { crashing } from '@gesta/core/testing'
import { eachLine } from '../lines.ts'
import type { FromWriter, HandIn, Opening, Said } from '../protocol.ts'
import { app } from './sums.ts'

/** Loads one adapter only: processes are started all the time. */
async function backendOf({ store, at, crash }: Opening): Promise<Backend> {
  const crashed = <Options extends object>(options: Options): Options =>
    crash === undefined ? options : crashing(options, crash)
  if (store === 'sqlite') return (await import('@gesta/sqlite')).sqlite(at, crashed({}))
  // Short enough for a harness to wait for, when nothing answers.
  return (await import('@gesta/postgres')).postgres(crashed({ url: at, lockTimeoutMs: 900, answerTimeoutMs: 2000 }))
}

/** Starts the app, and gives its event store away, which apps keep to themselves. */
async function open(backend: Backend): Promise<EventStore> {
  const { promise, resolve } = Promise.withResolvers<EventStore>()
  await app.start({
    store: {
      ...backend,
      open: async (runtime) => {
        const opened = await backend.open(runtime)
        resolve(opened.events)
        return opened
      },
    },
  })
  return promise
}

async function saidOf(events: EventStore, { commit, lane }: HandIn): Promise<Said> {
  try {
    return await events.commit(commit, { lane })
  } catch (error) {
    return { verdict: 'failed', code: findGestaError(error)?.code, message: String(error) }
  }
}

const tell = (line: FromWriter): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

let opening: Promise<EventStore> | undefined
const take = async (line: string): Promise<void> => {
  if (opening === undefined) {
    opening = backendOf(JSON.parse(line) as Opening).then(open)
    await opening
    tell({ ready: true })
    // A process that is killed does not keep what it has compiled for the next one.
    return flushCompileCache()
  }
  const given = JSON.parse(line) as HandIn
  tell({ number: given.number, said: await saidOf(await opening, given) })
}
eachLine(process.stdin, (line) => void take(line))
// Without the harness there is nobody to write for.
process.stdin.on('end', () => process.exit())
