// A configuration that changes while requests are in flight: none fails, and each sees one configuration.
import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { configFile } from '@gesta/config'
import { createApp, defineConfig, domain, handle, openConfig, query } from '@gesta/core'
import { z } from 'zod'
import { serveRunning } from './support/serve-shop.ts'

const definition = defineConfig({
  limits: {
    from: { schema: z.int(), default: 0, description: 'From.', reload: 'hot' },
    to: { schema: z.int(), default: 0, description: 'To. As large as from.', reload: 'hot' },
  },
})
const limits = query('Limit.Get', { result: z.object({ from: z.int(), to: z.int() }) })

test('a reload under load fails no request, and no request sees a mixture', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gesta-reload-'))
  try {
    const path = join(folder, 'shop.yaml')
    const write = async (text: string): Promise<void> => {
      await writeFile(`${path}.new`, text)
      await rename(`${path}.new`, path)
    }
    await write('limits: { from: 0, to: 0 }\n')
    await using config = await openConfig(definition, { sources: [configFile(path, { pollMs: 100, settleMs: 0 })] })
    // What one request reads, it reads once.
    const get = handle(limits, async () => {
      const { from, to } = config.current.limits
      await new Promise((resolve) => setImmediate(resolve))
      return { from, to }
    })
    const app = createApp('limits', {
      domains: [domain('Limit', { handlers: [get], permissions: 'anonymous', roles: ['any'] })],
    })
    await using running = await app.start()
    await using served = await serveRunning(running)
    const last = 10
    let answers = 0
    let isDone = false
    const load = Array.from({ length: 16 }, async () => {
      while (!isDone) {
        const response = await fetch(`${served.url}/api/queries/Limit.Get`)
        assert.equal(response.status, 200)
        const { from, to } = (await response.json()) as { readonly from: number; readonly to: number }
        assert.equal(from, to)
        answers += 1
      }
    })
    const changing = async (): Promise<void> => {
      for (let at = 1; at <= last && !isDone; at++) {
        const seen = answers
        await write(`limits: { from: ${at}, to: ${at} }\n`)
        // Every other change is broken for a while, and has no effect.
        if (at % 2 === 0) await write('limits: { from: ')
        if (at % 2 === 0) await config.reload()
        await write(`limits: { from: ${at}, to: ${at} }\n`)
        while (!isDone && config.current.limits.from !== at) await config.reload()
        while (!isDone && answers < seen + 16) await new Promise((resolve) => setImmediate(resolve))
      }
      isDone = true
    }
    await Promise.all([changing(), ...load]).finally(() => (isDone = true))
    assert.equal(config.current.limits.to, last)
    assert.ok(config.status.failures > 0)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
