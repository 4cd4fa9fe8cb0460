// A command log of its own on SQLite, in one file: for a bus without an event store, and as a copy of an app's log.
import { resolve } from 'node:path'
import {
  askCommandPage,
  checkCommandFilter,
  checkCommandKey,
  checkOptions,
  checkRecords,
  jsonRecords,
  newLogIdentity,
  pageOf,
  purgeOf,
  redactedDetail,
} from '@gesta/core/ports'
import type { BackendRuntime, CommandLogBackend, CommandLogStore, CommandRecord, RecordCodec } from '@gesta/core/ports'
import { makeFolder } from './make-folder.ts'
import { lockOwner } from './owner-lock.ts'
import { realPath } from './real-path.ts'
import type { KeptRecord, RecordOperations } from './record-file.ts'
import { fromRow, recordBytes, toRow } from './record-rows.ts'
import { createSideThread } from './side-stores.ts'
import type { SideStore } from './side-stores.ts'

export interface SqliteCommandLogOptions {
  /** What records are written with, but for their payloads; what another one wrote before stays. Default: `jsonRecords`. */
  readonly codec?: RecordCodec | undefined
}

/**
 * A command log in a file of its own, for one process at a time. Folder and file are made when they are missing.
 * Errors when it is opened: those of `sqlite()`. Reference: docs/reference/command-log.md.
 */
export function sqliteCommandLog(path: string, options: SqliteCommandLogOptions = {}): CommandLogBackend {
  checkOptions(options, ['codec'], 'sqliteCommandLog()')
  if (path === '' || path === ':memory:')
    throw new Error(`Expected the path of a file, received "${path}". For a log in memory use memoryCommandLog().`)
  return { backend: 'sqlite', open: (runtime) => openLog(resolve(path), options.codec ?? jsonRecords, runtime) }
}

async function openLog(given: string, codec: RecordCodec, { clock, ids }: BackendRuntime): Promise<CommandLogStore> {
  makeFolder(given)
  const path = realPath(given)
  const lock = lockOwner(path, clock)
  // A list with a rare filter passes over the whole file, and must not hold up what is recorded.
  const [writer, reader] = [createSideThread(path), createSideThread(path)]
  const [writing, reading] = [writer.store('commandLog', path), reader.store('commandLog', path)]
  const close = async (): Promise<void> => {
    try {
      await Promise.all([writing, reading].map((side) => side[Symbol.asyncDispose]()))
      // The writer last: the last connection empties the write-ahead log.
      await reader.close()
      await writer.close()
    } finally {
      lock[Symbol.dispose]()
    }
  }
  let closing: Promise<void> | undefined
  try {
    const identity = await writing.call('identity', newLogIdentity(ids))
    return {
      ...createStore({ path, writing, reading, codec, identity }),
      [Symbol.asyncDispose]: () => (closing ??= close()),
    }
  } catch (error) {
    await close()
    throw error
  }
}

interface LogParts {
  readonly path: string
  readonly writing: SideStore<RecordOperations>
  readonly reading: SideStore<RecordOperations>
  readonly codec: RecordCodec
  readonly identity: ReturnType<typeof newLogIdentity>
}

function createStore({
  path,
  writing,
  reading,
  codec,
  identity,
}: LogParts): Omit<CommandLogStore, keyof AsyncDisposable> {
  const decode = (kept: KeptRecord): CommandRecord => fromRow(kept, [codec, jsonRecords], path)
  return {
    info: async () => {
      const items = await reading.call('total', {})
      const details = { codec: codec.name, fileBytes: await reading.call('fileBytes') }
      return { store: 'command-log', backend: 'sqlite', readOnly: false, items, details }
    },
    record: async (records) => {
      checkRecords(records)
      return writing.call(
        'record',
        records.map((record) => toRow(record, codec)),
      )
    },
    get: async (tenant, commandId) => {
      checkCommandKey(tenant, commandId)
      const kept = await reading.call('get', tenant, commandId)
      return kept && decode(kept)
    },
    list: async (filter, page) => {
      checkCommandFilter(filter)
      const asked = askCommandPage(filter, page, identity)
      const { items, limit, total } = await reading.call('list', filter, asked)
      const { items: kept, ...rest } = pageOf({ ...asked, limit }, items, ({ seq }) => [seq], total)
      return { ...rest, items: kept.map(decode) }
    },
    total: async (filter = {}) => {
      checkCommandFilter(filter)
      return reading.call('total', filter)
    },
    redact: async (tenant, commandId) => {
      checkCommandKey(tenant, commandId)
      // Only here are records understood. The outcome of one that was started can come in between.
      for (;;) {
        const kept = await writing.call('get', tenant, commandId)
        if (kept === undefined) return false
        const bytes = recordBytes(redactedDetail(decode(kept)), codec)
        if (await writing.call('redact', kept, bytes, codec.name)) return true
      }
    },
    purge: async (request) => {
      const purge = purgeOf(request)
      const old = await reading.call('old', purge)
      return old.length === 0 ? 0 : writing.call('purge', old, purge)
    },
  }
}
