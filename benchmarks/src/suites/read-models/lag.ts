// How long a commit is not seen, on SQLite at a thousand commands per second: for a caller who asks with the command's token, and for
// everybody else, when nobody does.
import { join } from 'node:path'
import type { Token } from '@gesta/core'
import { sqlite } from '@gesta/sqlite'
import { quantile } from '../../measure.ts'
import { accountOf, move, moveOf, movesSeen, startMoves } from '../../moves.ts'
import type { Moves } from '../../moves.ts'
import { rowOf } from '../../row.ts'
import type { Row } from '../../row.ts'
import { newFolder } from '../../scratch.ts'

const commandsPerSec = 1_000
const warmUpCommands = 1_000
const askedUs = 20_000
const stepMs = 1

interface Answered {
  readonly index: number
  readonly token: Token
  /** Of the account, which has as many moves then. */
  readonly version: number
  /** When the dispatch was answered. */
  readonly at: number
}
/** Measures the microseconds until each answered command is seen. */
interface Watch extends AsyncDisposable {
  answered(command: Answered): void
  readonly lagsUs: readonly number[]
}

export async function* lag(scratch: string, ms: number): AsyncIterable<Row> {
  await using app = await startMoves(sqlite(join(newFolder(scratch), 'lag.db')))
  await inPace(app, 0, warmUpCommands, () => undefined)
  await app.caughtUp()
  const count = Math.ceil((ms * commandsPerSec) / 1000)
  let first = warmUpCommands
  for (const [title, watch] of watches) {
    const { lagsUs } = await watched(app, first, count, watch)
    first += count
    yield rowOfLag(`sqlite ${title}, 95th percentile`, lagsUs, 0.95)
    yield rowOfLag(`sqlite ${title}, 99th percentile`, lagsUs, 0.99)
  }
}

/** The percentile as a rate, beside the rate that is asked for. */
function rowOfLag(title: string, lagsUs: readonly number[], share: number): Row {
  const perSec = 1e6 / Math.max(1, quantile(lagsUs, share))
  const limitPerSec = 1e6 / askedUs
  const [p50us, p99us] = [quantile(lagsUs, 0.5), quantile(lagsUs, 0.99)]
  return rowOf('read-models', title, 'full', { perSec, limitPerSec, ratio: perSec / limitPerSec, p50us, p99us })
}

async function watched(app: Moves, first: number, count: number, start: (app: Moves) => Watch): Promise<Watch> {
  await using watch = start(app)
  await inPace(app, first, count, watch.answered)
  return watch
}

/** A command is sent when its time has come, however many were not answered yet. */
async function inPace(app: Moves, first: number, count: number, answered: Watch['answered']): Promise<void> {
  const startedAt = performance.now()
  const sent: Promise<void>[] = []
  const send = async (index: number): Promise<void> => {
    const { token, version } = await app.dispatch(move(moveOf(index)))
    answered({ index, token, version: version ?? 0, at: performance.now() })
  }
  while (sent.length < count) {
    const due = Math.min(count, Math.floor(((performance.now() - startedAt) * commandsPerSec) / 1000))
    while (sent.length < due) sent.push(send(first + sent.length))
    await pause()
  }
  await Promise.all(sent)
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, stepMs))

/** Every caller reads what it wrote: from the answer of its command to the answer of its query. */
function callers(app: Moves): Watch {
  const lagsUs: number[] = []
  const asked: Promise<void>[] = []
  const ask = async ({ index, token, version, at }: Answered): Promise<void> => {
    const seen = await app.query(movesSeen({ account: accountOf(index) }), { after: token })
    lagsUs.push((performance.now() - at) * 1000)
    if (seen < version) throw new Error(`Expected to read what was written: ${version} moves, received ${seen}.`)
  }
  return {
    answered: (command) => void asked.push(ask(command)),
    lagsUs,
    [Symbol.asyncDispose]: async () => void (await Promise.all(asked)),
  }
}

/** One observer looks each millisecond which of the answered commands the view shows by now. It asks without a token, so nothing hurries for it. */
function observer(app: Moves): Watch {
  const lagsUs: number[] = []
  const waiting: Answered[] = []
  let last = false
  const watch = async (): Promise<void> => {
    for (; !last || waiting.length > 0; await pause())
      for (let oldest = waiting[0]; oldest !== undefined; oldest = waiting[0]) {
        if ((await app.query(movesSeen({ account: accountOf(oldest.index) }))) < oldest.version) break
        lagsUs.push((performance.now() - oldest.at) * 1000)
        waiting.shift()
      }
  }
  const watching = watch()
  return {
    answered: (command) => void waiting.push(command),
    lagsUs,
    [Symbol.asyncDispose]: () => {
      last = true
      return watching
    },
  }
}

const watches: readonly (readonly [title: string, watch: (app: Moves) => Watch])[] = [
  ['lag of a caller with its token', callers],
  ['lag when nobody waits', observer],
]
