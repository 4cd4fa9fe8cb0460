// A connection to NATS to greet a server and to tidy up after tests.
import { connect } from '@nats-io/transport-node'
import type { NatsConnection } from '@nats-io/transport-node'

const answersWithinMs = 10_000

/** `nats://user:password@127.0.0.1:4222` or `nats://token@127.0.0.1:4222`: what stands before the host is optional. */
export async function connectNats(url: string, ca?: string): Promise<NatsConnection> {
  const { protocol, host, username, password } = new URL(url)
  if (protocol !== 'nats:') throw new Error(`expected a URL that begins with nats:, got ${protocol}`)
  return connect({
    servers: host,
    timeout: answersWithinMs,
    reconnect: false,
    ...(ca === undefined ? undefined : { tls: { ca } }),
    ...(username === '' ? undefined : credentials(decodeURIComponent(username), decodeURIComponent(password))),
  })
}

function credentials(
  user: string,
  pass: string,
): { readonly user: string; readonly pass: string } | { readonly token: string } {
  return pass === '' ? { token: user } : { user, pass }
}
