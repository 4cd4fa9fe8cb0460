// A schema as others see it while an app has it open: other processes, and transactions of the same server in their way.
import type { ContentionPlace, HeldOrder, OpenTransaction } from '@gesta/core/conformance/event-store-contention'
import type { Commit } from '@gesta/core/ports'
import { postgresForTests } from '@gesta/services'
import { Client } from 'pg'
import { encodeGroup } from '../src/group-cells.ts'
import { postgres } from '../src/index.ts'
import { logSql } from '../src/log-rows.ts'
import { quoted } from '../src/options.ts'
import { newSchema, runtime } from './place.ts'
import { playElsewhere } from './players.ts'

const server = await postgresForTests()

export async function newContentionPlace(): Promise<ContentionPlace> {
  const { url, schema } = await newSchema()
  return {
    clock: runtime.clock,
    open: () => postgres({ url, schema }).open(runtime),
    remove: async () => undefined,
    // So few connections that several processes find room on a server with default settings.
    play: (part) => playElsewhere({ options: { url, schema, connectionsMax: 2 }, part }),
    holdOrder: (commit) => holdOrder(url, schema, commit),
    begin: (transaction) => begin(url, schema, transaction),
  }
}

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** The append of the store, in a transaction that does not end with it. */
async function holdOrder(url: string, schema: string, commit: Commit): Promise<HeldOrder> {
  const client = await connected(url)
  await client.query('BEGIN')
  await client.query(logSql(quoted(schema)).append, [...encodeGroup([commit]), false, 'on', 5000])
  return {
    release: async (end) => {
      await client.query(end === 'commit' ? 'COMMIT' : 'ROLLBACK')
      await client.end()
    },
  }
}

async function begin(url: string, schema: string, transaction: OpenTransaction): Promise<AsyncDisposable> {
  const other = transaction === 'open write elsewhere' ? await server.newDatabase() : undefined
  const client = await connected(other?.url ?? url)
  if (transaction === 'old read') {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    await client.query(`SELECT count(*) FROM ${quoted(schema)}.events`)
  } else {
    await client.query(`CREATE TABLE IF NOT EXISTS beside_${schema} (number integer)`)
    await client.query('BEGIN')
    await client.query(`INSERT INTO beside_${schema} VALUES (1)`)
  }
  return {
    [Symbol.asyncDispose]: async () => {
      await client.query('ROLLBACK')
      await client.end()
      await other?.[Symbol.asyncDispose]()
    },
  }
}
