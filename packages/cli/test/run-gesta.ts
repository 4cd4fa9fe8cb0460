// Runs the command in a process of its own, as people do; or here, where it matters only what it says.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { run } from '../src/run.ts'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}
export interface Place {
  /** Default: the folder of the tests, from which adapters are found. */
  readonly folder?: string
  readonly env?: NodeJS.ProcessEnv
}

interface Somebody {
  readonly answer?: boolean
  readonly watch?: (line: string) => void
}

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const configured = fileURLToPath(new URL('given/', import.meta.url))

/** In the folder of the tests' configuration, unless another one is given. */
export async function gesta(args: readonly string[], { folder = configured, env = {} }: Place = {}): Promise<Ended> {
  const child = spawn(process.execPath, ['--conditions=gesta-source', main, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await once(child, 'close')) as [number | null]
  const [stdout, stderr] = await printed
  return { code, stdout, stderr }
}

/** The same in this process, which is quicker. Somebody may watch, and answer when asked. */
export async function gestaHere(
  args: readonly string[],
  { folder = configured, env = {}, answer, watch }: Place & Somebody = {},
): Promise<Ended> {
  Object.assign(process.env, env)
  const stdout: string[] = []
  const stderr: string[] = []
  const code = await run(args, {
    folder,
    isWatched: watch !== undefined,
    canAsk: answer !== undefined,
    print: (line) => void stdout.push(`${line}\n`),
    write: async (piece) => void stdout.push(piece),
    note: (line) => void stderr.push(`${line}\n`),
    progress: (line) => watch?.(line),
    confirm: async () => answer === true,
  })
  return { code, stdout: stdout.join(''), stderr: stderr.join('') }
}

/** What a command answers with `--json`. */
export async function answered<Value>(args: readonly string[], place?: Place): Promise<Value> {
  const { code, stdout, stderr } = await gestaHere([...args, '--json'], place)
  if (stdout === '') throw new Error(`gesta ${args.join(' ')} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout) as Value
}

export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'gesta-cli-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
