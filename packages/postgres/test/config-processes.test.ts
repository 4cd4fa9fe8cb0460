// One configuration in several processes: an administrator sets it in one of them, and all have it.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import test from 'node:test'
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
import { postgres } from '../src/index.ts'
import type { PostgresOptions } from '../src/index.ts'
import { newSchema, skip } from './place.ts'

interface Child extends AsyncDisposable {
  line(): Promise<string>
  readonly pid: number
}
async function startProcess(options: PostgresOptions, name: string): Promise<Child> {
  const path = new URL('children/config-process.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=gesta-source', path, JSON.stringify(options), name], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async (): Promise<string> => String((await lines.next()).value)
  assert.equal(await line(), 'ready')
  return {
    line,
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await ended
    },
  }
}

test(
  'what an administrator sets is in force in all processes, and each is listed with the version that it has',
  { skip },
  async () => {
    const options = await newSchema()
    const definition = defineConfig({
      ordersMax: { schema: z.int().min(1), default: 100, description: 'Open orders.', reload: 'hot' },
    })
    await using config = await openConfig(definition)
    const app = createApp('shop', { domains: [configDomain(config)] })
    await using running = await app.start({ store: postgres(options) })
    await using _ = await followConfig(running, config, { process: 'admin-1' })
    await using web = await startProcess(options, 'web-1')
    await using worker = await startProcess(options, 'worker-1')
    const as = { context: systemContext() }
    const set = await running.dispatch(SetConfig({ values: { ordersMax: 7 } }), as)
    assert.deepEqual([await web.line(), await worker.line()], ['7', '7'])
    const asked = ListConfigProcesses({ version: 1, waitMs: 30_000 })
    const { isConverged, processes } = await running.query(asked, { ...as, after: set.token })
    const states = processes.map(({ process: name, state, version }) => `${name} ${state} ${version}`)
    assert.equal(isConverged, true)
    assert.deepEqual(states.toSorted(), ['admin-1 applied 1', 'web-1 applied 1', 'worker-1 applied 1'])
  },
)
