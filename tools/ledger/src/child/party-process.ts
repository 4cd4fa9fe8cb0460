// A process that is killed, stopped and started again: opens its app when it is told what it is, and then does what it is told.
// Standard output is a pipe, to which Node writes at once: what was written is with the harness, whatever happens next.
import { flushCompileCache } from 'node:module'
import { eachLine } from '../../../crash/src/lines.ts'
import type { FromParty, Opening, ToParty } from '../protocol.ts'
import { busOf } from './bus.ts'
import type { Part } from './part.ts'
import { openPart } from './open-part.ts'

/** Milliseconds after which a process that cannot end in order ends all the same. */
const endsWithinMs = 25_000

const tell = (line: FromParty): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

let opening: Promise<Part> | undefined
const open = async (told: Opening): Promise<Part> => {
  const part = await openPart(told, await busOf(told), tell)
  // A process that is killed does not keep what it has compiled for the next one.
  flushCompileCache()
  return part
}
const take = async (line: string): Promise<void> => {
  if (opening === undefined) opening = open(JSON.parse(line) as Opening)
  else (await opening).take(JSON.parse(line) as ToParty)
}
eachLine(process.stdin, (line) => void take(line))
// The harness has told it to end, or is gone.
process.stdin.on('end', () => {
  setTimeout(() => process.exit(3), endsWithinMs).unref()
  void (async () => {
    await (await opening)?.close()
    process.exit(0)
  })()
})
