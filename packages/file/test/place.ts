// Temporary folders, and the clock and ids that a store is lent.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StorePlace } from '@gesta/core/conformance/data-store'
import type { BackendRuntime, Clock, DataStore } from '@gesta/core/ports'
import { fileData } from '../src/index.ts'

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
  const path = await mkdtemp(join(tmpdir(), 'gesta-file-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

export async function newPlace(): Promise<StorePlace<DataStore>> {
  const folder = await newFolder()
  return {
    open: () => fileData(join(folder.path, 'data')).open(runtime),
    remove: async () => folder[Symbol.asyncDispose](),
  }
}
