// Starts the programs of this folder, each in a process of its own, and listens to what they tell.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

interface Told {
  readonly ready?: true
  readonly got?: readonly number[]
  readonly done?: readonly number[]
}
/** Disposed, the process is ended. */
export interface Child extends AsyncDisposable {
  readonly ready: boolean
  readonly got: readonly number[]
  readonly done: readonly number[]
  readonly ended: boolean
  kill(signal: NodeJS.Signals): void
}

export function startChild(program: string, ...words: readonly string[]): Child {
  const child: ChildProcess = fork(join(import.meta.dirname, program), words, {
    execArgv: ['--conditions=gesta-source'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const ending = once(child, 'exit')
  const got: number[] = []
  const done: number[] = []
  let ready = false
  child.on('message', (told: Told) => {
    ready ||= told.ready === true
    got.push(...(told.got ?? []))
    done.push(...(told.done ?? []))
  })
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    get ready() {
      return ready
    },
    got,
    done,
    get ended() {
      return ended()
    },
    kill: (signal) => void child.kill(signal),
    [Symbol.asyncDispose]: async () => {
      if (ended()) return
      child.kill('SIGKILL')
      await ending
    },
  }
}
