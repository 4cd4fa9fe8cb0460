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

type Module =
  | 'crash.ts'
  | 'exchange.ts'
  | 'flush.ts'
  | 'follow.ts'
  | 'full-disk-views.ts'
  | 'hold.ts'
  | 'mail.ts'
  | 'objects.ts'
  | 'pay.ts'
  | 'process.ts'
  | 'record.ts'
  | 'settle.ts'
  | 'write.ts'
  | 'open.ts'
  | 'migrate.ts'

export function runChild(module: Module, ...args: readonly string[]): Child {
  return start(process.execPath, ['--conditions=gesta-source', pathOf(module), ...args])
}

/** Runs it with a file system of so many mebibytes at `disk`, which no other process sees and which ends with it. */
export function runChildOnDisk(
  module: Module,
  { disk, mib }: { readonly disk: string; readonly mib: number },
  ...args: readonly string[]
): Child {
  const mounted = 'mount -t tmpfs -o size="$1" tmpfs "$2" && shift 2 && exec "$@"'
  const program = [process.execPath, '--conditions=gesta-source', pathOf(module), ...args]
  return start('unshare', ['-rm', 'sh', '-c', mounted, 'sh', `${mib}m`, disk, ...program])
}

function pathOf(module: Module): string {
  return new URL(module, import.meta.url).pathname
}

function start(program: string, args: readonly string[]): Child {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
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
