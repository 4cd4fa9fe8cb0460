// Temporary places for stores, and the clock and ids that a backend is lent.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BackendPlace } from '@gesta/core/conformance/event-store'
import type { BackendRuntime, Clock } from '@gesta/core/ports'
import { sqlite } from '../src/index.ts'
import type { SqliteOptions } from '../src/index.ts'

const clock: Clock = {
  nowUs: () => Date.now() * 1000,
  monotonicUs: () => performance.now() * 1000,
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
}
export const runtime: BackendRuntime = {
  clock,
  ids: {
    newId: () => crypto.randomUUID(),
    random: Math.random,
    bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  },
}

/** An empty folder that is gone when it is disposed. */
export async function newFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'gesta-sqlite-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

export async function newPlace(options?: SqliteOptions): Promise<BackendPlace> {
  const folder = await newFolder()
  return {
    open: () => sqlite(join(folder.path, 'store.db'), options).open(runtime),
    remove: async () => folder[Symbol.asyncDispose](),
  }
}
