// Starts a Redis of one's own.
import { join } from 'node:path'
import { startOwnServer } from '../own/own-server.ts'
import type { OwnServer } from '../own/own-server.ts'
import type { Programs } from '../service.ts'
import { greetRedis } from './greet.ts'

export interface RedisOptions {
  /** Server settings by name, as in redis.conf: `{ maxmemory: '1mb' }`. */
  readonly settings?: Readonly<Record<string, string>> | undefined
}

// Every write is in the append-only file before it is answered, so a restart finds it, after a crash too.
const defaults: Readonly<Record<string, string>> = { bind: '127.0.0.1', save: '', appendonly: 'yes' }

export async function launchRedis(programs: Programs, { settings = {} }: RedisOptions = {}): Promise<OwnServer> {
  return startOwnServer({
    name: 'redis',
    signals: { fast: 'SIGTERM', immediate: 'SIGKILL' },
    prepare: async () => undefined,
    command: (folder, port) => ({
      program: join(programs.folder, 'redis-server'),
      args: Object.entries({ ...defaults, ...settings, dir: folder, port: String(port) }).flatMap(([name, value]) => [
        `--${name}`,
        value,
      ]),
    }),
    url: (port) => `redis://127.0.0.1:${port}`,
    greet: greetRedis,
  })
}
