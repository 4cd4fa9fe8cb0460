// What the tests of sources share: a definition, a folder of their own, and waiting for what must come.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { defineConfig } from '@gesta/core'
import { z } from 'zod'

export const definition = defineConfig({
  http: { port: { schema: z.int(), default: 8080, description: 'The port.' } },
  limits: {
    ordersMax: { schema: z.int().min(1), default: 100, description: 'Open orders.', reload: 'hot' },
    countries: { schema: z.array(z.string()), default: ['DE'], description: 'Where to.', reload: 'hot' },
  },
  database: {
    url: {
      schema: z.string().min(4),
      default: 'none',
      description: 'The database.',
      secret: true,
      reload: 'hot',
    },
  },
})

export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'gesta-config-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** The runner's own limit ends a test whose condition never comes. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(10)
}
