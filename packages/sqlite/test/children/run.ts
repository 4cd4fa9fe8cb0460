// Starts a module of this folder as a process of its own.
import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

export interface Child extends AsyncDisposable {
  readonly process: ChildProcessByStdio<null, Readable, null>
  /** The lines that it prints, until it ends. */
  readonly lines: AsyncIterable<string>
  /** Ends it at once, as a power cut would, and waits for its end. */
  kill(): Promise<void>
}

export function runChild(
  module:
    | 'crash.ts'
    | 'follow.ts'
    | 'hold.ts'
    | 'mail.ts'
    | 'objects.ts'
    | 'settle.ts'
    | 'write.ts'
    | 'open.ts'
    | 'migrate.ts',
  ...args: readonly string[]
): Child {
  const path = new URL(module, import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=gesta-source', path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  return { process: child, lines: createInterface({ input: child.stdout }), kill, [Symbol.asyncDispose]: kill }
}

export async function firstLine({ lines }: Child): Promise<string> {
  for await (const line of lines) return line
  throw new Error('The child ended without a line.')
}
