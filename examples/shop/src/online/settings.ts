// What whoever runs the shop may change: one definition for its types, its defaults, its documentation and its file.
import { defineConfig } from '@gesta/core'
import type { ConfigDefinition } from '@gesta/core'
import { z } from 'zod'

export const settingsDefinition = defineConfig({
  checkout: {
    piecesMax: {
      schema: z.int().positive(),
      default: 100,
      description: 'Pieces that one order may have.',
      reload: 'hot',
    },
    payWithinMs: {
      schema: z.int().positive(),
      default: 30 * 60 * 1000,
      description: 'Milliseconds in which an order has to be paid.',
      reload: 'hot',
    },
  },
  carrier: {
    url: {
      schema: z.union([z.literal(''), z.url()]),
      default: '',
      description: "Where the carrier is told of parcels; empty: the shop's own van.",
      reload: 'hot',
    },
  },
})
export type Settings = typeof settingsDefinition extends ConfigDefinition<infer Values> ? Values : never
