// A definition of the tests, and sources that the environment names.
import { configFile, environmentSecrets, flags } from '@gesta/config'
import { defineConfig } from '@gesta/core'
import type { ConfigOptions } from '@gesta/core'
import { z } from 'zod'

export const definition = defineConfig({
  limits: {
    ordersMax: { schema: z.int().min(1), default: 100, description: 'Open orders.', reload: 'hot' },
  },
  database: { url: { schema: z.string(), default: 'none', description: 'The database.', secret: true } },
})

export const options = (): ConfigOptions => ({
  sources: [configFile(process.env['GESTA_TEST_CONFIG'] ?? ''), flags()],
  secrets: [environmentSecrets({ URL: 'hidden-word' })],
})
