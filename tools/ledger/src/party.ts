// A publisher or consumer as the harness sees it: a process, or a part of this one where the broker is.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { eachLine } from '../../crash/src/lines.ts'
import type { BusDescription } from './child/bus.ts'
import { openPart } from './child/open-part.ts'
import type { FromParty, Opening, ToParty } from './protocol.ts'

export interface Party extends AsyncDisposable {
  /** `publisher`, `early 1`: for findings. */
  readonly name: string
  tell(line: ToParty): void
  /** Ends it at once. */
  kill(): void
  /** Stops it as it is, and lets it go on. */
  stop(): void
  goOn(): void
  /** Tells it to finish what it has in hand and to end. */
  leave(): void
  /** Resolves with the signal that ended it, or with its exit code. */
  readonly ended: Promise<NodeJS.Signals | number>
  readonly hasEnded: boolean
  /** Somebody has told it to, or has killed it. */
  readonly mayEnd: boolean
  /** What it printed to standard error. */
  complaints(): string
}
export type Hear = (line: FromParty) => void

export function startParty(name: string, opening: Opening, hear: Hear): Party {
  const path = new URL('child/party-process.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=gesta-source', path], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C in a terminal is for the harness, which ends its processes itself.
    detached: true,
    env: { ...process.env, NODE_COMPILE_CACHE: join(import.meta.dirname, '../../../node_modules/.cache/ledger') },
  })
  const ended = Promise.withResolvers<NodeJS.Signals | number>()
  let hasEnded = false
  let mayEnd = false
  const kill = (): void => {
    mayEnd = true
    child.kill('SIGKILL')
  }
  let complaints = ''
  // A process that was killed does not take its input any more.
  child.stdin.on('error', () => undefined)
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-4000)))
  eachLine(child.stdout, (line) => hear(JSON.parse(line) as FromParty))
  // `close` comes behind everything that was printed.
  child.on('close', (code, signal) => {
    hasEnded = true
    ended.resolve(signal ?? code ?? 0)
  })
  const tell = (line: Opening | ToParty): void => void child.stdin.write(`${JSON.stringify(line)}\n`)
  tell(opening)
  return {
    name,
    tell,
    kill,
    stop: () => void child.kill('SIGSTOP'),
    goOn: () => void child.kill('SIGCONT'),
    leave: () => {
      mayEnd = true
      child.stdin.end()
    },
    ended: ended.promise,
    get hasEnded() {
      return hasEnded
    },
    get mayEnd() {
      return mayEnd
    },
    complaints: () => complaints.trim(),
    [Symbol.asyncDispose]: async () => {
      kill()
      await ended.promise
    },
  }
}

/** In this process: it cannot be killed, so it leaves instead. */
export function startPartyHere(name: string, opening: Opening, hear: Hear, bus: BusDescription): Party {
  const ended = Promise.withResolvers<NodeJS.Signals | number>()
  let hasEnded = false
  let complaint = ''
  const part = openPart(opening, bus, hear)
  const end = async (): Promise<void> => {
    if (hasEnded) return
    hasEnded = true
    try {
      await (await part).close()
      ended.resolve(0)
    } catch (error) {
      complaint = String(error)
      ended.resolve(1)
    }
  }
  part.catch(() => void end())
  let mayEnd = false
  const leave = (): void => {
    mayEnd = true
    void end()
  }
  const cannot = (): void => {
    throw new Error(`${name} is in this process, which cannot be stopped.`)
  }
  return {
    name,
    tell: (line) => void part.then(({ take }) => take(line)),
    kill: leave,
    stop: cannot,
    goOn: cannot,
    leave,
    ended: ended.promise,
    get hasEnded() {
      return hasEnded
    },
    get mayEnd() {
      return mayEnd
    },
    complaints: () => complaint,
    [Symbol.asyncDispose]: async () => {
      leave()
      await ended.promise
    },
  }
}
