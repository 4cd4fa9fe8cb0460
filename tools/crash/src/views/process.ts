// A process that runs read models, as the harness sees it.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { eachLine } from '../lines.ts'
import type { Asked, FromProcess, Opening, Settled } from './protocol.ts'

interface FlushTold {
  readonly of: string
  readonly isMoved: boolean
}
export interface ViewsProcess extends AsyncDisposable {
  open(opening: Opening): void
  ask(asked: Asked): void
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
  /** What it has told so far. */
  readonly isReady: boolean
  readonly written: number
  readonly told: readonly string[]
  readonly flushes: readonly FlushTold[]
  readonly stopping: string | undefined
  readonly settled: readonly Settled[] | undefined
  /** Views that it has compared with the log itself. */
  readonly views: number
  readonly isOver: boolean
  /**
   * Resolves when this is so; it is asked whenever something was told. Rejects with what the process told that must not be, and when it
   * has not come to it for very long.
   */
  until(isSo: () => boolean, what: string): Promise<void>
  /** The signal that ended it. */
  readonly ended: Promise<NodeJS.Signals | undefined>
  complaints(): string
}

/** Long enough for the slowest machine; what takes longer never comes. */
const patienceMs = 90_000

/** Starts a process; it does nothing before it is told what to open. */
export function startProcess(): ViewsProcess {
  const path = new URL('child/views-process.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=gesta-source', path], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C in a terminal is for the harness, which ends its processes itself.
    detached: true,
    env: { ...process.env, NODE_COMPILE_CACHE: join(import.meta.dirname, '../../../../node_modules/.cache/crash') },
  })
  const told: string[] = []
  const flushes: FlushTold[] = []
  const waiting = new Set<() => void>()
  const ended = Promise.withResolvers<NodeJS.Signals | undefined>()
  let isReady = false
  let written = 0
  let stopping: string | undefined
  let settled: readonly Settled[] | undefined
  let views = 0
  let wrong: string | undefined
  let isOver = false
  let complaints = ''
  const look = (): void => {
    for (const one of waiting) one()
  }
  const take = (line: FromProcess): void => {
    if ('ready' in line) isReady = true
    else if ('wrote' in line) written = line.wrote
    else if ('told' in line) told.push(line.told)
    else if ('flushed' in line) flushes.push({ of: line.flushed, isMoved: line.isMoved })
    else if ('stopping' in line) stopping = line.stopping
    else if ('settled' in line) ({ settled, views } = line)
    else wrong ??= line.wrong
    look()
  }
  // A process that was killed does not take its input any more.
  child.stdin.on('error', () => undefined)
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-4000)))
  eachLine(child.stdout, (line) => take(JSON.parse(line) as FromProcess))
  // `close` comes behind everything that was printed.
  child.on('close', (_, name) => {
    isOver = true
    ended.resolve(name ?? undefined)
    look()
  })
  const send = (line: Opening | Asked): void => void child.stdin.write(`${JSON.stringify(line)}\n`)
  return {
    open: send,
    ask: send,
    signal: (name) => void child.kill(name),
    get isReady() {
      return isReady
    },
    get written() {
      return written
    },
    told,
    flushes,
    get stopping() {
      return stopping
    },
    get settled() {
      return settled
    },
    get views() {
      return views
    },
    get isOver() {
      return isOver
    },
    until: (isSo, what) =>
      new Promise((resolve, reject) => {
        const end = (): void => {
          waiting.delete(check)
          clearTimeout(timer)
        }
        const fail = (text: string): void => {
          end()
          reject(new Error(`${text} It said: ${complaints.trim()}`))
        }
        const check = (): void => {
          if (wrong !== undefined) return fail(`The process told what must not be: ${wrong}.`)
          if (isSo()) {
            end()
            return resolve()
          }
          if (isOver) fail(`The process ended before ${what}.`)
        }
        const timer = setTimeout(() => fail(`The process did not come to where ${what}.`), patienceMs)
        waiting.add(check)
        check()
      }),
    ended: ended.promise,
    complaints: () => complaints.trim(),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended.promise
    },
  }
}
