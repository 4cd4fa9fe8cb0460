import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configFile, environment, environmentSecrets } from '@gesta/config'
import {
  configDomain,
  createApp,
  defineConfig,
  followConfig,
  ListConfigProcesses,
  openConfig,
  SetConfig,
  systemContext,
} from '@gesta/core'
import { z } from 'zod'

const definition = defineConfig({
  http: {
    port: { schema: z.int().min(1).max(65_535), default: 8080, description: 'The port of the public address.' },
  },
  limits: {
    ordersMax: { schema: z.int().min(1), default: 100, description: 'Open orders of one customer.', reload: 'hot' },
  },
  database: {
    url: { schema: z.string(), default: 'none', description: 'Where everything is kept.', secret: true },
  },
})

const path = join(await mkdtemp(join(tmpdir(), 'shop-')), 'shop.yaml')
await writeFile(path, 'limits:\n  ordersMax: 50\ndatabase:\n  url: secret:env:DATABASE_URL\n')

await using config = await openConfig(definition, {
  sources: [configFile(path), environment({ prefix: 'SHOP', variables: { SHOP__HTTP__PORT: '9090' } })],
  secrets: [environmentSecrets({ DATABASE_URL: 'postgres://shop:word@db/shop' })],
})
const { http, limits, database } = config.current
console.log(http.port, limits.ordersMax, String(database.url), database.url.reveal().length)
console.log(config.origin('http.port').where, config.origin('limits.ordersMax').where?.endsWith('shop.yaml:2'))

// What does not fit changes nothing, and every problem is told at once.
await writeFile(path, 'limits:\n  ordersMax: 0\n  orderMax: 5\ndatabase:\n  url: secret:env:DATABASE_URL\n')
const reload = await config.reload()
if (!reload.ok) console.log(reload.step, reload.error.code, reload.error.message.split('\n').length - 1)
console.log(config.current.limits.ordersMax)

// In an app administrators set values for all processes, and see which has them.
await writeFile(path, 'limits:\n  ordersMax: 60\ndatabase:\n  url: secret:env:DATABASE_URL\n')
const shop = createApp('shop', { domains: [configDomain(config)] })
await using running = await shop.start()
await using _ = await followConfig(running, config, { process: 'web-1' })

const context = systemContext()
const set = await running.dispatch(SetConfig({ values: { 'limits.ordersMax': 70 }, reason: 'Sale' }), { context })
const asked = ListConfigProcesses({ version: 1, waitMs: 10_000 })
const { processes } = await running.query(asked, { context, after: set.token })
console.log(processes.map(({ process, state, version }) => `${process} ${state} ${version}`))
console.log(config.current.limits.ordersMax, config.origin('limits.ordersMax').source)
