// `npm run shop:online` as people run it: web, worker and cron as processes of their own, on one PostgreSQL.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConfigProcesses } from '@gesta/core'
import { postgresForTests } from '@gesta/services'
import { settingsFile } from '../../src/online/open.ts'
import { script, temporaryFolder } from '../processes/script.ts'

const { skip, newDatabase } = await postgresForTests()

describe('the shop on the web, as processes of their own', { skip }, () => {
  it(
    'takes an order in one, delivers it in another, follows its settings, and stops in order',
    { timeout: 120_000 },
    async () => {
      await using folder = await temporaryFolder()
      const env = { DATA_DIR: folder.path, DATABASE_URL: (await newDatabase()).url, PORT: '0' }
      // Processes that begin at once: one of them makes the tables.
      const [web, ...others] = ['web', 'worker', 'cron'].map((role) =>
        script('online/serve.ts', ['--role', role], { ...env, PROCESS_NAME: `${role}-1` }),
      )
      assert.ok(web !== undefined)
      const [, url = ''] = await web.prints(/"urls":\["(http:[^"]+)"\]/)
      for (const other of others) await other.prints(/The process runs/)
      const tell = async (type: string, body: object): Promise<{ readonly status: number; readonly code?: string }> => {
        const headers = { 'content-type': 'application/json' }
        const answer = await fetch(`${url}/api/commands/${type}`, {
          method: 'POST',
          headers,
          body: JSON.stringify(body),
        })
        return { ...((await answer.json()) as object), status: answer.status }
      }
      const statusOf = async (orderId: string): Promise<unknown> => {
        const answer = await fetch(`${url}/api/queries/Checkout.Get?orderId=${orderId}`)
        return ((await answer.json()) as { readonly status?: unknown } | null)?.status
      }
      await tell('Checkout.Place', { orderId: 'P-1', pieces: 3, pence: 300 })
      await tell('Checkout.Pay', { orderId: 'P-1' })
      while ((await statusOf('P-1')) !== 'delivered') await sleep(20)

      await writeFile(settingsFile(folder.path), 'checkout: { piecesMax: 2 }\n')
      for (const each of [web, ...others]) await each.prints(/Settings in force: checkout.piecesMax/)
      assert.equal((await tell('Checkout.Place', { orderId: 'P-2', pieces: 3, pence: 300 })).code, 'too_many')

      const operator = { authorization: 'Bearer example-operator', 'content-type': 'application/json' }
      const body = JSON.stringify({ values: { 'checkout.piecesMax': 4 } })
      const set = await fetch(`${url}/api/commands/Config.Set`, { method: 'POST', headers: operator, body })
      const after = { ...operator, 'gesta-after': String(set.headers.get('gesta-token')) }
      const asked = await fetch(`${url}/api/queries/Config.Processes?version=1&waitMs=30000`, { headers: after })
      const { isConverged, processes } = (await asked.json()) as ConfigProcesses
      const states = processes.map(({ process: name, state }) => `${name} ${state}`).toSorted()
      assert.deepEqual([isConverged, ...states], [true, 'cron-1 applied', 'web-1 applied', 'worker-1 applied'])
      assert.equal((await tell('Checkout.Place', { orderId: 'P-2', pieces: 3, pence: 300 })).status, 200)

      for (const each of [web, ...others]) each.child.kill('SIGTERM')
      for (const each of [web, ...others]) {
        assert.equal(await each.ended, 0, each.printed.stderr)
        assert.match(
          each.printed.stdout + each.printed.stderr,
          /"step":"leaving"[^]*"step":"requests"[^]*"step":"jobs"[^]*"step":"app"/,
        )
      }
    },
  )
})
