// Makes and starts a PostgreSQL of one's own.
import { chownSync } from 'node:fs'
import { join } from 'node:path'
import { startOwnServer } from '../own/own-server.ts'
import type { OwnServer } from '../own/own-server.ts'
import type { Programs } from '../service.ts'
import { completePrograms } from './carried-programs.ts'
import { greetPostgres } from './greet.ts'
import { postgresUser } from './programs.ts'

export interface PostgresOptions {
  /** Server settings by name, as in postgresql.conf: `{ max_prepared_transactions: '10' }`. */
  readonly settings?: Readonly<Record<string, string>> | undefined
}

const defaults: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  // What is written survives the end of the server's processes without this; only a power cut would lose it.
  fsync: 'off',
}

export async function launchPostgres(programs: Programs, { settings = {} }: PostgresOptions = {}): Promise<OwnServer> {
  const user = postgresUser()
  let bin = ''
  return startOwnServer({
    name: 'postgres',
    signals: { fast: 'SIGINT', immediate: 'SIGQUIT' },
    prepare: async (keeper) => {
      if (user) chownSync(keeper.folder, user.uid, user.gid)
      bin = completePrograms(programs, keeper.folder)
      const data = join(keeper.folder, 'data')
      const options = ['--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync', '--username=postgres']
      const initdb = keeper.run({ program: join(bin, 'initdb'), args: [...options, data], user })
      await keeper.during(initdb.ended)
    },
    command: (folder, port) => ({
      program: join(bin, 'postgres'),
      args: [
        '-D',
        join(folder, 'data'),
        '-p',
        String(port),
        ...Object.entries({ ...defaults, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      user,
    }),
    url: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
    greet: greetPostgres,
  })
}
