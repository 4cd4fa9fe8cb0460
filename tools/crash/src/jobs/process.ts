// A process that runs jobs, as the harness sees it.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { eachLine } from '../lines.ts'
import type { FromJobsProcess, JobsAsked, JobsLook, JobsOpening } from './protocol.ts'

export interface JobsProcess extends AsyncDisposable {
  open(opening: JobsOpening): void
  ask(asked: JobsAsked): void
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
  /** The name that its jobs have, once it works. */
  readonly worker: string | undefined
  /** What the store said when it was last asked, and when that came: milliseconds of the harness. */
  readonly look: (JobsLook & { readonly atMs: number }) | undefined
  /** What it told that must not be, and what else it printed. */
  readonly wrong: string | undefined
  readonly isOver: boolean
}

/** `onEnqueued` is told the ids of jobs that were acknowledged. The process does nothing before it is told what to open. */
export function startJobsProcess(onEnqueued: (ids: readonly string[]) => void): JobsProcess {
  const path = new URL('child/jobs-process.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=gesta-source', path], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C in a terminal is for the harness, which ends its processes itself.
    detached: true,
    env: { ...process.env, NODE_COMPILE_CACHE: join(import.meta.dirname, '../../../../node_modules/.cache/crash') },
  })
  let worker: string | undefined
  let look: JobsProcess['look']
  let wrong: string | undefined
  let complaints = ''
  let isOver = false
  const take = (line: FromJobsProcess): void => {
    if ('ready' in line) worker = line.ready
    else if ('enqueued' in line) onEnqueued(line.enqueued)
    else if ('running' in line) look = { ...line, atMs: performance.now() }
    else wrong ??= line.wrong
  }
  // A process that was killed does not take its input any more.
  child.stdin.on('error', () => undefined)
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-4000)))
  eachLine(child.stdout, (line) => take(JSON.parse(line) as FromJobsProcess))
  // `close` comes behind everything that was printed.
  const ended = new Promise<void>((resolve) => {
    child.on('close', (code) => {
      isOver = true
      if (code !== null) wrong ??= `It ended by itself, with ${code}. ${complaints.trim()}`
      resolve()
    })
  })
  const send = (line: JobsOpening | JobsAsked): void => void child.stdin.write(`${JSON.stringify(line)}\n`)
  return {
    open: send,
    ask: send,
    signal: (name) => void child.kill(name),
    get worker() {
      return worker
    },
    get look() {
      return look
    },
    get wrong() {
      return wrong
    },
    get isOver() {
      return isOver
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
