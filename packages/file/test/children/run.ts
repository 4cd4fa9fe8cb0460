// Starts a module of this folder as a process of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Child extends AsyncDisposable {
  /** Resolves with the signal that ended it, or `null` when it ended by itself. */
  readonly ended: Promise<NodeJS.Signals | null>
  readonly pid: number
  /** Resolves with the first line that it prints. */
  readonly firstLine: Promise<string>
}

type Module = 'limited.ts' | 'outbox-limited.ts' | 'outbox-owner.ts' | 'outbox-steps.ts' | 'overwrite.ts' | 'write.ts'

export function runChild(module: Module, ...args: readonly string[]): Child {
  return start(process.execPath, ['--conditions=gesta-source', pathOf(module), ...args])
}

/** Runs it so that it can write no file of more than a few hundred KiB, whatever a block of the shell is. */
export function runLimited(module: Module, ...args: readonly string[]): Child {
  const limited = ['-c', 'ulimit -f 500 && exec "$0" "$@"', process.execPath]
  return start('sh', [...limited, '--conditions=gesta-source', pathOf(module), ...args])
}

function pathOf(module: Module): string {
  return new URL(module, import.meta.url).pathname
}

function start(program: string, args: readonly string[]): Child {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const firstLine = once(child.stdout, 'data').then(([data]) => String(data))
  return {
    ended: exited.then(([, signal]) => signal),
    pid: child.pid ?? 0,
    firstLine,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
