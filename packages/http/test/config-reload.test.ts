// A configuration that changes while requests are in flight, in every way that it can: none fails, and each sees one configuration.
import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { configFile, reloadOnSignal } from '@gesta/config'
import {
  configDomain,
  createApp,
  defineConfig,
  domain,
  followConfig,
  handle,
  openConfig,
  query,
  SetConfig,
  systemContext,
} from '@gesta/core'
import type { Config, ConfigValues } from '@gesta/core'
import { z } from 'zod'
import { serveRunning } from './support/serve-shop.ts'

const shape = {
  limits: {
    from: { schema: z.int(), default: 0, description: 'From.', reload: 'hot' },
    to: { schema: z.int(), default: 0, description: 'To. As large as from.', reload: 'hot' },
  },
} as const
const definition = defineConfig(shape)
const limits = query('Limit.Get', { result: z.object({ from: z.int(), to: z.int() }) })

interface Ways {
  readonly config: Config<ConfigValues<typeof shape>>
  /** Replaces the file. */
  write(text: string): Promise<void>
  /** Sets values through the API; whether they were taken. */
  set(values: object): Promise<boolean>
  /** Lets requests go on until something is so. */
  until(isSo: () => boolean): Promise<void>
}
const textOf = (at: number): string => `limits: { from: ${at}, to: ${at} }\n`

/** Makes both limits so large, after an attempt that fails. */
const changes: { readonly [how: string]: (ways: Ways, at: number) => Promise<void> } = {
  'when the program asks for it': async ({ config, write }, at) => {
    await write('limits: { from: ')
    assert.equal((await config.reload()).ok, false)
    await write(textOf(at))
    await config.reload()
  },
  'by a change of its file': async ({ config, write, until }, at) => {
    const { failures } = config.status
    await write('limits: { from: ')
    await until(() => config.status.failures > failures)
    await write(textOf(at))
  },
  'by a signal': async ({ config, write, until }, at) => {
    const { failures } = config.status
    await write('limits: { from: ')
    process.kill(process.pid, 'SIGHUP')
    await until(() => config.status.failures > failures)
    await write(textOf(at))
    process.kill(process.pid, 'SIGHUP')
  },
  'by Config.Set': async ({ set }, at) => {
    assert.equal(await set({ 'limits.from': at, 'limits.to': 'much' }), false)
    assert.equal(await set({ 'limits.from': at, 'limits.to': at }), true)
  },
}

for (const [how, change] of Object.entries(changes))
  test(`a reload under load fails no request, and no request sees a mixture, ${how}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gesta-reload-'))
    try {
      const path = join(folder, 'shop.yaml')
      const write = async (text: string): Promise<void> => {
        await writeFile(`${path}.new`, text)
        await rename(`${path}.new`, path)
      }
      await write(textOf(0))
      await using config = await openConfig(definition, { sources: [configFile(path, { pollMs: 100, settleMs: 0 })] })
      using _signal = reloadOnSignal(config)
      // What one request reads, it reads once.
      const get = handle(limits, async () => {
        const { from, to } = config.current.limits
        await new Promise((resolve) => setImmediate(resolve))
        return { from, to }
      })
      const limit = domain('Limit', { handlers: [get], permissions: 'anonymous', roles: ['any'] })
      await using running = await createApp('limits', { domains: [limit, configDomain(config)] }).start()
      await using _follow = await followConfig(running, config, { process: 'web-1', pollMs: 100 })
      await using served = await serveRunning(running)
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
      const until = async (isSo: () => boolean): Promise<void> => {
        while (!isDone && !isSo()) await new Promise((resolve) => setImmediate(resolve))
      }
      const set = async (values: object): Promise<boolean> =>
        (await running.dispatch(SetConfig({ values: { ...values } }), { context: systemContext() })).ok
      const last = 10
      const changing = async (): Promise<void> => {
        for (let at = 1; at <= last && !isDone; at++) {
          const seen = answers
          await change({ config, write, set, until }, at)
          await until(() => config.current.limits.from === at)
          await until(() => answers >= seen + 16)
        }
        isDone = true
      }
      await Promise.all([changing(), ...load]).finally(() => (isDone = true))
      assert.equal(config.current.limits.to, last)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
