// Starts a receiver as a process of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface Child extends AsyncDisposable {
  /** The next line that it prints, as JSON. */
  nextLine(): Promise<unknown>
  tell(line: string): void
  signal(signal: NodeJS.Signals): void
}

export function runReceiver(...args: readonly string[]): Child {
  const path = new URL('receive.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=gesta-source', path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    nextLine: async () => {
      const { value, done } = await lines.next()
      if (done === true) throw new Error('The receiver has ended.')
      return JSON.parse(value) as unknown
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
    signal: (signal) => void child.kill(signal),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
