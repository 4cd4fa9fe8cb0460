// Runs a script of the example in a process of its own, as npm does.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export interface Script {
  readonly child: ChildProcess
  /** Everything that was printed so far. */
  readonly printed: { stdout: string; stderr: string }
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  over(): boolean
  /** Resolves to the match once it is printed, to either output. Errors: a plain one when the script ends before. */
  prints(pattern: RegExp): Promise<RegExpExecArray>
}

const sources = fileURLToPath(new URL('../../src/', import.meta.url))
const running = new Set<ChildProcess>()

export function script(
  name: 'serve.ts' | 'stock/serve.ts' | 'import/main.ts' | 'with-people/serve.ts' | 'online/serve.ts',
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Script {
  const child = spawn(process.execPath, ['--conditions=gesta-source', join(sources, name), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const printed = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text))
  const { promise: ended, resolve } = Promise.withResolvers<number | NodeJS.Signals>()
  child.on('close', (code, signal) => {
    running.delete(child)
    resolve(code ?? signal ?? 1)
  })
  let over = false
  void ended.then(() => (over = true))
  const prints = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(printed.stdout) ?? pattern.exec(printed.stderr)
      if (found !== null) return found
      if (over) throw new Error(`${name} ended before it printed ${pattern}:\n${printed.stdout}\n${printed.stderr}`)
      await sleep(5)
    }
  }
  return { child, printed, ended, over: () => over, prints }
}

/** A folder for stores and files that lasts as long as a test; scripts that still run are ended with it. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'gesta-shop-'))
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      for (const child of running) child.kill('SIGKILL')
      await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
    },
  }
}
