// A flush of a view, or a claim, is made to wait inside of the server, and its session is ended there.
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'

const endWaiting = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))`
/** Read models may all be paused for a while. */
const looksMax = 10_000

/** Resolves when a session was ended so, and views can be written again. */
export async function endFlush(url: string, schema: string): Promise<void> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    // Whoever reads goes on.
    await client.query(`BEGIN; LOCK TABLE ${schema}.checkpoints IN SHARE MODE`)
    for (let looks = 0; (await client.query(endWaiting)).rowCount === 0; looks += 1) {
      if (looks > looksMax) throw new Error('Nobody wrote a view.')
      await delay(2)
    }
    await client.query('ROLLBACK')
  } finally {
    await client.end()
  }
}
