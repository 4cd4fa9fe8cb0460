// A child that was started, what it logs, and how it ends.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Line {
  readonly message?: string
  readonly [field: string]: unknown
}
export interface Child extends AsyncDisposable {
  readonly process: ChildProcess
  readonly lines: readonly Line[]
  /** The next line, or one that was there already, that is like this. */
  line(like: (line: Line) => boolean): Promise<Line>
  /** Where it listens, once it runs. */
  url(): Promise<string>
  /** The next message of this text. */
  says(text: string): Promise<void>
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
}

export function startChild(file: string, how: object, args: readonly string[] = []): Child {
  const child = fork(new URL(file, import.meta.url), args, {
    execArgv: ['--conditions=gesta-source'],
    env: { ...process.env, HOW: JSON.stringify(how) },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  const lines: Line[] = []
  const waiting = new Set<() => void>()
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  )
  if (child.stderr !== null)
    createInterface({ input: child.stderr }).on('line', (text) => {
      lines.push(text.startsWith('{') ? (JSON.parse(text) as Line) : { message: text })
      for (const look of waiting) look()
    })
  const line: Child['line'] = (like) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find(like)
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
      void ended.then(() =>
        reject(new Error(`The child has ended. It said:\n${lines.map((each) => JSON.stringify(each)).join('\n')}`)),
      )
    })
  return {
    process: child,
    lines,
    line,
    url: async () => ((await line(({ message }) => message === 'The process runs.'))['urls'] as string[])[0] ?? '',
    says: (text) =>
      new Promise((resolve) => {
        child.on('message', (message) => {
          if (message === text) resolve()
        })
      }),
    ended,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await ended
    },
  }
}
