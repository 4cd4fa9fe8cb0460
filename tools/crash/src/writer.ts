// The writing process, as the harness sees it.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Commit } from '@gesta/core/ports'
import { eachLine } from './lines.ts'
import type { FromWriter, HandIn, Opening, Said } from './protocol.ts'

export interface Writer extends AsyncDisposable {
  /** Tells it what to open; resolves when it is open, or has ended before. */
  open(opening: Opening): Promise<'ready' | 'ended'>
  /** Resolves with what was said of the commit, or when the process has ended without saying anything of it. */
  handIn(commit: Commit, lane: HandIn['lane']): Promise<Said | 'ended'>
  /** Ends it at once. */
  kill(): void
  /** The signal that ended it; `undefined` when it ended by itself. */
  readonly ended: Promise<NodeJS.Signals | undefined>
  /** What it printed to standard error. */
  complaints(): string
}

/** Starts a process; it does nothing before it is told what to open. */
export function startWriter(): Writer {
  const path = new URL('child/writer-process.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=gesta-source', path], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C in a terminal is for the harness, which ends its processes itself.
    detached: true,
    env: { ...process.env, NODE_COMPILE_CACHE: join(import.meta.dirname, '../../../node_modules/.cache/crash') },
  })
  const waiting = new Map<number, (said: Said | 'ended') => void>()
  const ready = Promise.withResolvers<'ready' | 'ended'>()
  const ended = Promise.withResolvers<NodeJS.Signals | undefined>()
  let complaints = ''
  let isOver = false
  let handed = 0

  // A process that was killed does not take its input any more.
  child.stdin.on('error', () => undefined)
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-4000)))
  eachLine(child.stdout, (line) => {
    const told = JSON.parse(line) as FromWriter
    if ('ready' in told) return ready.resolve('ready')
    waiting.get(told.number)?.(told.said)
    waiting.delete(told.number)
  })
  // `close` comes behind everything that was printed.
  child.on('close', (_, signal) => {
    isOver = true
    ready.resolve('ended')
    for (const resolve of waiting.values()) resolve('ended')
    waiting.clear()
    ended.resolve(signal ?? undefined)
  })
  const kill = (): void => void child.kill('SIGKILL')

  return {
    open: (opening) => {
      child.stdin.write(`${JSON.stringify(opening)}\n`)
      return ready.promise
    },
    handIn: (commit, lane) =>
      new Promise((resolve) => {
        if (isOver) return resolve('ended')
        handed += 1
        waiting.set(handed, resolve)
        child.stdin.write(`${JSON.stringify({ number: handed, commit, lane } satisfies HandIn)}\n`)
      }),
    kill,
    ended: ended.promise,
    complaints: () => complaints.trim(),
    [Symbol.asyncDispose]: async () => {
      kill()
      await ended.promise
    },
  }
}
