// NATS, as the search for servers sees it.
import { join } from 'node:path'
import { folderOf, versionOf } from '../own/programs.ts'
import type { Programs, Service } from '../service.ts'
import { greetNats } from './greet.ts'
import { launchNats } from './launch.ts'
import { openStreamRun } from './streams.ts'

export const nats: Service = {
  name: 'nats',
  title: 'NATS',
  variable: 'GESTA_TEST_NATS_URL',
  standardUrls: ['nats://127.0.0.1:4222'],
  debianPackage: 'nats-server',
  advice: 'Install nats-server 2.9 or newer and start it with -js',
  greet: greetNats,
  locate: locateNats,
  launch: (programs) => launchNats(programs),
  openRun: openStreamRun,
}

async function locateNats(way: 'path' | 'npm'): Promise<Programs> {
  if (way === 'npm') throw new Error('no package carries NATS as a program')
  const folder = folderOf(['nats-server'], ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'])
  if (folder === undefined) throw new Error('no nats-server on the PATH')
  const program = join(folder, 'nats-server')
  return { folder, version: await versionOf(program), from: program }
}
