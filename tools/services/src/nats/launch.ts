// Starts a NATS of one's own, with JetStream on.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startOwnServer } from '../own/own-server.ts'
import type { OwnServer } from '../own/own-server.ts'
import type { Programs } from '../service.ts'
import { greetNats } from './greet.ts'

export interface NatsOptions {
  /** Server settings as in nats-server's configuration: `{ max_payload: 65_536 }`. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined
}

export async function launchNats(programs: Programs, { settings = {} }: NatsOptions = {}): Promise<OwnServer> {
  return startOwnServer({
    name: 'nats',
    signals: { fast: 'SIGTERM', immediate: 'SIGKILL' },
    // JSON is a form of its configuration.
    prepare: ({ folder }) =>
      writeFile(
        join(folder, 'nats.conf'),
        JSON.stringify({ jetstream: { store_dir: join(folder, 'jetstream') }, ...settings }),
      ),
    command: (folder, port) => ({
      program: join(programs.folder, 'nats-server'),
      args: ['--addr', '127.0.0.1', '--port', String(port), '--config', join(folder, 'nats.conf')],
    }),
    url: (port) => `nats://${userOf(settings)}127.0.0.1:${port}`,
    greet: greetNats,
  })
}

/** A server that asks for a user or a token is greeted with it. */
function userOf({ authorization }: Readonly<Record<string, unknown>>): string {
  const { user, password, token } = (authorization ?? {}) as Readonly<Record<string, string | undefined>>
  if (token !== undefined) return `${encodeURIComponent(token)}@`
  return user === undefined ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password ?? '')}@`
}
