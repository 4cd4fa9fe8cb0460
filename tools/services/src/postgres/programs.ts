// PostgreSQL's programs on this machine: on the path, or where distributions put them.
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { folderOf, versionOf } from '../own/programs.ts'
import { serverUser } from '../own/server-user.ts'
import type { ServerUser } from '../own/server-user.ts'
import type { Programs } from '../service.ts'
import { carriedPrograms } from './carried-programs.ts'

/** The server's programs are often off the path, in one folder per version. */
const distributions = ['/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin', '/opt/homebrew/opt/postgresql@*/bin']

/** The user who runs PostgreSQL, which refuses to be root. */
export const postgresUser = (): ServerUser | undefined => serverUser('postgres')

export async function locatePostgres(way: 'path' | 'npm'): Promise<Programs> {
  if (way === 'npm') return carriedPrograms()
  const newestFirst = distributions.flatMap((pattern) => globSync(pattern).toSorted(byVersion))
  const folder = folderOf(['initdb', 'postgres'], newestFirst)
  if (folder === undefined) throw new Error(`no initdb and postgres on the PATH, nor in ${distributions.join(', ')}`)
  return { folder, version: await versionOf(join(folder, 'postgres'), postgresUser()), from: folder }
}

function byVersion(one: string, other: string): number {
  const version = (folder: string): number => Number(/\d+/.exec(folder)?.[0])
  return version(other) - version(one)
}
