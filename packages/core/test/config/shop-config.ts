// The definition of the tests.
import { z } from 'zod'
import { defineConfig } from '../../src/config/definition.ts'

export const shopConfig = defineConfig({
  http: {
    port: { schema: z.int().min(1).max(65_535), default: 8080, description: 'The port of the public address.' },
  },
  limits: {
    ordersMax: { schema: z.int().min(1), default: 100, description: 'Open orders of one customer.', reload: 'hot' },
    countries: { schema: z.array(z.string()), default: ['DE'], description: 'Where to.', reload: 'hot' },
    perKind: {
      schema: z.record(z.string(), z.number()),
      default: { small: 1 },
      description: 'Weights.',
      reload: 'hot',
    },
  },
  database: {
    url: {
      schema: z.string().min(8),
      default: 'postgres://localhost/shop',
      description: 'The database.',
      secret: true,
      reload: 'hot',
    },
  },
})
