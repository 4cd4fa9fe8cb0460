// A connection to NATS to greet a server and to tidy up after tests.
import { connect } from '@nats-io/transport-node'
import type { NatsConnection } from '@nats-io/transport-node'

const answersWithinMs = 10_000

/** `nats://user:password@127.0.0.1:4222`: user and password are optional. */
export async function connectNats(url: string): Promise<NatsConnection> {
  const { protocol, host, username, password } = new URL(url)
  if (protocol !== 'nats:') throw new Error(`expected a URL that begins with nats:, got ${protocol}`)
  return connect({
    servers: host,
    timeout: answersWithinMs,
    reconnect: false,
    ...(username === '' ? undefined : { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
  })
}
