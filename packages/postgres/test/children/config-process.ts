// A process that follows the configuration of its app until its input ends. Tells each value of the limit as a line.
import { once } from 'node:events'
import { configDomain, createApp, defineConfig, followConfig, openConfig } from '@gesta/core'
import { z } from 'zod'
import { postgres } from '../../src/index.ts'
import type { PostgresOptions } from '../../src/index.ts'

const [options = '{}', process_ = ''] = process.argv.slice(2)
const definition = defineConfig({
  ordersMax: { schema: z.int().min(1), default: 100, description: 'Open orders.', reload: 'hot' },
})
await using config = await openConfig(definition)
const app = createApp('shop', { domains: [configDomain(config)] })
await using running = await app.start({ store: postgres(JSON.parse(options) as PostgresOptions) })
config.on(({ ordersMax }) => console.log(ordersMax))
await using _ = await followConfig(running, config, { process: process_, pollMs: 200 })
console.log('ready')
process.stdin.resume()
await once(process.stdin, 'end')
