// Looking whether the cache has room reads all entries, so it is done for what was written and not for each write.
import assert from 'node:assert/strict'
import test from 'node:test'
import { createPostgresCacheStore } from '../src/cache-store.ts'
import { postgres } from '../src/index.ts'
import { quoted } from '../src/options.ts'
import { createPool } from '../src/pool.ts'
import { createStoreAccess } from '../src/store-access.ts'
import { oneTo } from './commits.ts'
import { newSchema, runtime, skip } from './place.ts'

const bytesMax = 65_536

test(
  'a process looks once for each 64th of the bound that it writes, and stays within one of them',
  { skip },
  async () => {
    const { url, schema } = await newSchema()
    await (await postgres({ url, schema }).open(runtime))[Symbol.asyncDispose]()
    const server = { url, applicationName: 'gesta test', connectTimeoutMs: 10_000, answerTimeoutMs: 30_000 }
    const pool = createPool({ server, place: schema, connectionsMax: 2, ...runtime, retryForMs: 5_000 })
    const access = createStoreAccess(pool, quoted(schema))
    let looks = 0
    const write: typeof access.write = async (sql, values) => {
      if (sql.includes('make_room')) looks += 1
      return access.write(sql, values)
    }
    const cache = createPostgresCacheStore({ ...access, write }, runtime.ids, bytesMax)
    try {
      const written = async (count: number, length: number): Promise<number> => {
        const before = looks
        for (const i of oneTo(count)) await cache.set({ tenant: 't', key: `${length}-${i}` }, 'x'.repeat(length))
        return looks - before
      }
      // 64 bytes beside tenant, key and value.
      const [small, large] = [await written(1000, 110), await written(40, 2_000)]
      assert.ok(small >= 120 && small <= 200, `${small} looks for about 180 kB of small entries`)
      assert.equal(large, 40)
      const { details } = await cache.info()
      assert.ok(Number(details['bytes']) <= bytesMax * (1 + 1 / 64), `${details['bytes']} bytes`)
    } finally {
      await pool.close()
    }
  },
)
