// PostgreSQL: a server of the harness's own, with a proxy in front of it that cuts connections.
import { setTimeout as delay } from 'node:timers/promises'
import { postgres } from '@gesta/postgres'
import { startTcpProxy } from '@gesta/services'
import type { OwnServer, TcpProxy } from '@gesta/services'
import { Client } from 'pg'
import type { Harm, Place } from './place.ts'
import { runtime } from './runtime.ts'

const sessions = `FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`
const countSessions = `SELECT count(*)::int AS sessions ${sessions}`
const endSessions = `SELECT pg_terminate_backend(pid) ${sessions}`

/** The server is ended with the place. */
export async function newPostgresPlace(server: OwnServer): Promise<Place> {
  const proxy = await startTcpProxy(server.url)
  return {
    store: 'postgres',
    steps: ['sending', 'sent', 'answered'],
    harms: harmsOf(server, proxy),
    opening: (crash) => ({ store: 'postgres', at: proxy.through(server.url), crash }),
    open: () => postgres({ url: server.url }).open(runtime),
    // A session that was in the middle of something when its client died ends it first.
    quiet: async () => {
      proxy.heal()
      while ((await asked(server.url, countSessions))['sessions'] !== 0) await delay(5)
    },
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

function harmsOf(server: OwnServer, proxy: TcpProxy): readonly Harm[] {
  return [
    { name: 'sessions are ended by the server', run: async () => void (await asked(server.url, endSessions)) },
    { name: 'connections are cut', run: async () => proxy.cut() },
    {
      name: 'connections are cut, and answers are lost',
      run: async (dice) => {
        proxy.impose({ answersLost: true })
        await delay(dice(30))
        proxy.heal()
      },
    },
    {
      // Longer than the store waits for an answer; what was sent arrives in the end.
      name: 'connections are silent',
      run: async (dice) => {
        proxy.impose({ silent: true })
        await delay(2000 + dice(1000))
        proxy.heal()
      },
    },
    {
      name: 'the server crashes',
      run: async (dice) => {
        await server.stop('immediate')
        await delay(dice(500))
        await server.start()
      },
    },
  ]
}

async function asked(url: string, question: string): Promise<{ readonly [column: string]: unknown }> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<{ [column: string]: unknown }>(question)).rows[0] ?? {}
  } finally {
    await client.end()
  }
}
