// Starts a Kafka broker of one's own: the mock cluster of librdkafka.
import { join } from 'node:path'
import { startTcpProxy } from '../faults/tcp-proxy.ts'
import type { TcpProxy } from '../faults/tcp-proxy.ts'
import { freePort } from '../own/free-port.ts'
import { startOwnServer } from '../own/own-server.ts'
import type { OwnServer } from '../own/own-server.ts'
import type { Programs } from '../service.ts'
import { greetKafka } from './greet.ts'
import { mockBroker } from './programs.ts'

export interface KafkaOptions {
  /** Brokers of the cluster. Default 1. */
  readonly brokers?: number | undefined
  /** Where the first broker says that it is: the port of whatever stands before it. Default: where it listens. */
  readonly advertisedPort?: number | undefined
}
/** A server whose clients come through a proxy, because the proxy is where it says that it is. */
export interface ProxiedKafka extends AsyncDisposable {
  readonly url: string
  readonly proxy: TcpProxy
  readonly server: OwnServer
}

/** How many times faster time runs in the broker: its three seconds until a group begins are too long for tests. */
const haste = 10
const attemptsMax = 3

export async function launchKafka(
  programs: Programs,
  { brokers = 1, advertisedPort }: KafkaOptions = {},
  listeningPort?: number,
): Promise<OwnServer> {
  return startOwnServer({
    name: 'kafka',
    // What it keeps ends with it, either way.
    signals: { fast: 'SIGTERM', immediate: 'SIGKILL' },
    prepare: async () => undefined,
    command: (_, port) => ({
      program: join(programs.folder, mockBroker),
      args: [brokers, listeningPort ?? port, advertisedPort ?? listeningPort ?? port, haste].map(String),
    }),
    url: (port) => `kafka://127.0.0.1:${listeningPort ?? port}`,
    greet: greetKafka,
  })
}

/** One broker behind a proxy. Somebody else may take its port before it does; then it is done again. */
export async function launchProxiedKafka(programs: Programs): Promise<ProxiedKafka> {
  for (let attempt = 1; ; attempt += 1) {
    const listening = await freePort()
    const proxy = await startTcpProxy(`kafka://127.0.0.1:${listening}`)
    try {
      const server = await launchKafka(programs, { advertisedPort: proxy.port }, listening)
      return {
        url: proxy.through(server.url),
        proxy,
        server,
        [Symbol.asyncDispose]: async () => {
          await proxy[Symbol.asyncDispose]()
          await server[Symbol.asyncDispose]()
        },
      }
    } catch (error) {
      await proxy[Symbol.asyncDispose]()
      if (attempt === attemptsMax) throw error
    }
  }
}
