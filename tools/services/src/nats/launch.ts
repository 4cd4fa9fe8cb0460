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
  /** PEM of the authority of a server that asks for TLS. */
  readonly ca?: string | undefined
}

export async function launchNats(programs: Programs, { settings = {}, ca }: NatsOptions = {}): Promise<OwnServer> {
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
    greet: (url) => greetNats(url, ca),
  })
}

interface User {
  readonly user?: string
  readonly password?: string
  readonly token?: string
}

/** A server that asks for a user or a token is greeted with it; of several users with the last one. */
function userOf({ authorization }: Readonly<Record<string, unknown>>): string {
  const { users = [], ...single } = (authorization ?? {}) as User & { readonly users?: readonly User[] }
  const { user, password, token } = users.at(-1) ?? single
  if (token !== undefined) return `${encodeURIComponent(token)}@`
  return user === undefined ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password ?? '')}@`
}
