// A view whose file is damaged: the app starts, the read model alone is not ready, and a restore from zero mends it.
import assert from 'node:assert/strict'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { aggregate, command, createApp, domain, event, handle, query, readModel } from '@gesta/core'
import { sqlite } from '@gesta/sqlite'
import { z } from 'zod'
import { newFolder } from './place.ts'

const Counted = event('Counter.Counted', z.object({ by: z.int() }))
const count = command('Counter.Count', { input: z.object({ id: z.string(), by: z.int() }) })
const Counter = aggregate('Counter', () => null).on(Counted, () => null)
const summed = (name: string) =>
  readModel(name, () => 0).on(
    Counted,
    (_, { aggregate: { id } }) => id,
    (sum, { by }) => sum + by,
  )
const models = { damaged: summed('Counter.Damaged'), sound: summed('Counter.Sound') }
const sumOf = query('Counter.Sum', { input: z.object({ model: z.enum(['damaged', 'sound']) }), result: z.int() })
const app = createApp('counting', {
  domains: [
    domain('Counter', {
      permissions: 'anonymous',
      readModels: [models.damaged, models.sound],
      handlers: [
        Counter.decide(count, 'id', (_, { by }) => [Counted({ by })]),
        handle(sumOf, async ({ model }, { read }) => (await read(models[model]).get('a')) ?? 0),
      ],
    }),
  ],
})

test('a view whose file is damaged keeps the app from nothing else, and is mended by a restore from zero', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'count.db')
  {
    await using running = await app.start({ store: sqlite(path) })
    await running.dispatch(count({ id: 'a', by: 1 }))
    await running.caughtUp()
  }
  const views = `${path}.views`
  for (const file of await readdir(views)) {
    if (!file.startsWith('Counter-Damaged')) continue
    if (file.endsWith('.sqlite')) await writeFile(join(views, file), 'x'.repeat(8192))
    else await rm(join(views, file))
  }
  await using running = await app.start({ store: sqlite(path) })
  const control = running.readModels.control('Counter.Damaged')
  assert.deepEqual([control.status().state, control.status().lastError], ['failed', 'store_foreign'])
  const { token: after } = await running.dispatch(count({ id: 'a', by: 2 }))
  assert.equal(await running.query(sumOf({ model: 'sound' }), { after }), 3)
  await assert.rejects(running.query(sumOf({ model: 'damaged' }), { after }), { code: 'store_foreign' })
  const { done } = await control.restore({ fromZero: true })
  await done
  assert.equal(await running.query(sumOf({ model: 'damaged' }), { after }), 3)
  assert.deepEqual([control.status().state, control.status().lastError], ['live', undefined])
})
