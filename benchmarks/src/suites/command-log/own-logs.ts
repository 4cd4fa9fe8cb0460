// The logs of their own, each on a store that is new whenever it is opened, and its limit.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { memoryCommandLog } from '@gesta/core'
import type { CommandLogBackend, CommandLogStore } from '@gesta/core/ports'
import { natsCommandLog } from '@gesta/nats'
import { postgresCommandLog } from '@gesta/postgres'
import { startNats, startPostgres } from '@gesta/services'
import { sqliteCommandLog } from '@gesta/sqlite'
import { storeRuntime } from '../../deposit-commit.ts'
import type { BareLog } from '../../limits/bare-logs/bare-log.ts'
import { bareMemoryLog } from '../../limits/bare-logs/memory.ts'
import { bareNatsLog } from '../../limits/bare-logs/nats.ts'
import { barePostgresLog } from '../../limits/bare-logs/postgres.ts'
import { bareSqliteLog } from '../../limits/bare-logs/sqlite.ts'
import type { Durability } from '../../row.ts'
import { newFolder } from '../../scratch.ts'
import { dropSchema, lastingServer } from '../postgres.ts'

interface OwnLog {
  readonly name: string
  readonly durability: Durability
  open(): Promise<CommandLogStore>
  bare(): Promise<BareLog>
}
export interface OwnLogs extends AsyncDisposable {
  readonly all: readonly OwnLog[]
}

/** Each backend's, on servers that stop with them. */
export async function startOwnLogs(scratch: string): Promise<OwnLogs> {
  await using stack = new AsyncDisposableStack()
  const { url } = stack.use(await startPostgres(lastingServer))
  const nats = stack.use(await startNats())
  let made = 0
  const fresh = (name: string): string => `${name}_${++made}`
  const all: readonly OwnLog[] = [
    { name: 'memory', durability: 'none', open: () => opened(memoryCommandLog()), bare: bareMemoryLog },
    {
      name: 'sqlite',
      durability: 'full',
      open: async () => {
        const folder = newFolder(scratch)
        const log = await opened(sqliteCommandLog(join(folder, 'log.db')))
        return closing(log, async () => rmSync(folder, { recursive: true }))
      },
      bare: () => bareSqliteLog(scratch),
    },
    {
      name: 'postgres',
      durability: 'full',
      open: async () => {
        const schema = fresh('log')
        return closing(await opened(postgresCommandLog({ url, schema })), () => dropSchema(url, schema))
      },
      bare: () => barePostgresLog(url, fresh('bare')),
    },
    {
      name: 'nats',
      // The server hands what it acknowledged to the system.
      durability: 'normal',
      open: () => opened(natsCommandLog({ servers: nats.url, log: `log-${++made}` })),
      bare: () => bareNatsLog(nats.url, `bare-${++made}`),
    },
  ]
  const kept = stack.move()
  return { all, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

function opened(backend: CommandLogBackend): Promise<CommandLogStore> {
  return backend.open(storeRuntime)
}

/** The log, and what has to be done once it is closed. */
function closing(log: CommandLogStore, after: () => Promise<void>): CommandLogStore {
  return {
    ...log,
    [Symbol.asyncDispose]: async () => {
      await log[Symbol.asyncDispose]()
      await after()
    },
  }
}
