// Credentials as an app has them, on a store of the test's choice, and a clock that the test sets.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp, memory } from '@gesta/core'
import type { Backend, Credentials } from '@gesta/core'
import { sqlite } from '@gesta/sqlite'
import { encryption } from '../open-identity.ts'

export interface OpenCredentials extends AsyncDisposable {
  readonly credentials: Credentials
}
export async function openCredentials(store: Backend = memory()): Promise<OpenCredentials> {
  const app = await createApp('secrets', { domains: [] }).start({ store, encryption })
  return { credentials: app.stores.credentials, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

/** It moves when it is told to. */
export function settableClock(): { readonly now: () => number; pass(ms: number): void } {
  let nowMs = Date.now()
  return { now: () => nowMs, pass: (ms) => void (nowMs += ms) }
}

/** A store in a file, and what the file holds with those beside it. */
export async function temporaryStore(): Promise<
  AsyncDisposable & { readonly store: Backend; bytes(): Promise<Buffer> }
> {
  const folder = await mkdtemp(join(tmpdir(), 'gesta-auth-'))
  return {
    store: sqlite(join(folder, 'shop.db')),
    bytes: async () => {
      const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) => one.isFile())
      return Buffer.concat(await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name)))))
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}
