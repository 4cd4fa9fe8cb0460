// The tests' side of the process that keeps a server: see keeper-process.ts.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerUser } from './server-user.ts'

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly user?: ServerUser | undefined
}
export type ToKeeper = Command | { readonly signal: NodeJS.Signals }
export type FromKeeper = { readonly folder: string } | { readonly ended: true }

/** A program that the keeper has started. */
export interface Kept {
  /** Resolves when it has ended, by itself or by a signal. */
  readonly ended: Promise<void>
  readonly hasEnded: boolean
}

/** Disposed, it ends what is running at once and removes the folder. */
export interface Keeper extends AsyncDisposable {
  /** Empty at first, and gone with the keeper. */
  readonly folder: string
  /** Starts a program; one at a time. */
  run(command: Command): Kept
  signal(signal: NodeJS.Signals): void
  /** Waits without letting this process end. */
  during<Result>(work: Promise<Result>): Promise<Result>
  /** The last of what the programs have printed. */
  log(): string
}

/** `lastSignal` ends the program when nobody is left to end it properly. */
export async function createKeeper(prefix: string, lastSignal: NodeJS.Signals): Promise<Keeper> {
  // Detached, so that Ctrl-C in the terminal ends the tests first.
  const child = fork(join(import.meta.dirname, 'keeper-process.ts'), [prefix, lastSignal], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const gone = once(child, 'exit')
  const [{ folder }] = (await Promise.race([
    once(child, 'message'),
    gone.then(() => Promise.reject(new Error('The process that keeps a server ended before it began.'))),
  ])) as [{ folder: string }]
  let ends: () => void = () => undefined
  child.on('message', (message: FromKeeper) => {
    if ('ended' in message) ends()
  })
  void gone.then(() => ends())
  child.unref()
  child.channel?.unref()

  const during: Keeper['during'] = async (work) => {
    child.ref()
    child.channel?.ref()
    try {
      return await work
    } finally {
      child.unref()
      child.channel?.unref()
    }
  }
  return {
    folder,
    run: (command) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      let hasEnded = false
      ends = () => {
        hasEnded = true
        resolve()
      }
      child.send(command satisfies ToKeeper)
      return {
        ended: promise,
        get hasEnded() {
          return hasEnded
        },
      }
    },
    signal: (signal) => void child.send({ signal } satisfies ToKeeper),
    during,
    log: () => readFileSync(join(folder, 'log'), 'utf8').slice(-3000).trim(),
    [Symbol.asyncDispose]: async () => {
      if (!child.connected) return
      child.disconnect()
      await during(gone)
    },
  }
}
