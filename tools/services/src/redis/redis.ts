// Redis, as the search for servers sees it.
import { join } from 'node:path'
import { folderOf, versionOf } from '../own/programs.ts'
import type { Programs, Service } from '../service.ts'
import { greetRedis } from './greet.ts'
import { openKeyRun } from './keys.ts'
import { launchRedis } from './launch.ts'

export const redis: Service = {
  name: 'redis',
  title: 'Redis',
  variable: 'GESTA_TEST_REDIS_URL',
  standardUrls: ['redis://127.0.0.1:6379'],
  debianPackage: 'redis-server',
  advice: 'Install Redis 7 or newer',
  greet: greetRedis,
  locate: locateRedis,
  launch: (programs) => launchRedis(programs),
  openRun: openKeyRun,
}

async function locateRedis(way: 'path' | 'npm'): Promise<Programs> {
  if (way === 'npm') throw new Error('no package carries Redis as a program')
  const folder = folderOf(['redis-server'], ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'])
  if (folder === undefined) throw new Error('no redis-server on the PATH')
  const program = join(folder, 'redis-server')
  return { folder, version: await versionOf(program), from: program }
}
