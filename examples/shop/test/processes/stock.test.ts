// Two services and a broker: what the shop sells leaves the stock once, whichever broker lies between and whoever is ended meanwhile.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ownKafkaForTests, ownNatsForTests, ownRedisForTests } from '@gesta/services'
import type { Script } from './script.ts'
import { script, temporaryFolder } from './script.ts'

const [nats, redis, kafka] = [await ownNatsForTests(), await ownRedisForTests(), await ownKafkaForTests()]
const lasting = { settings: { appendonly: 'yes', appendfsync: 'always' } }

/** Each starts a broker of the test's own; the address is what SHOP_BROKER takes. */
const brokers = [
  { name: 'NATS', skip: nats.skip, start: async () => nats.start(), protocol: 'nats:' },
  { name: 'Redis', skip: redis.skip, start: async () => redis.start(lasting), protocol: 'redis:' },
  { name: 'Kafka', skip: kafka.skip, start: async () => kafka.start(), protocol: 'kafka:' },
]

async function urlOf(process: Script): Promise<string> {
  const [, url = ''] = await process.prints(/open: (http:\S+)/)
  return url
}

async function sell(shop: string, orderId: string, quantity: number): Promise<void> {
  const line = { code: '85123A', description: 'HEART', quantity, pence: 255, at: '2011-12-09 12:50:00' }
  const body = JSON.stringify({ orderId, customerId: null, country: 'France', lines: [line] })
  const answer = await fetch(`${shop}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  assert.equal(answer.status, 200, await answer.text())
}

/** Waits until the stock has heard of so many pieces; it never hears of more. */
async function hasLeft(stock: string, pieces: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`${stock}/stock/85123A`)
    const { left = 0 } = ((await answer.json()) ?? {}) as { readonly left?: number }
    assert(left <= pieces, `${left} pieces left, ${pieces} were sold`)
    if (left === pieces) return
    await sleep(20)
  }
}

describe('the stock hears of every sale, once', () => {
  for (const { name, skip, start, protocol } of brokers) {
    it(`over ${name}, also of those that it slept through`, { skip, timeout: 120_000 }, async () => {
      await using folder = await temporaryFolder()
      await using broker = await start()
      const address = new URL(broker.url)
      const env = { DATA_DIR: folder.path, PORT: '0', SHOP_SAMPLE: 'no', SHOP_BROKER: `${protocol}//${address.host}` }
      const shop = script('serve.ts', [], env)
      const shopUrl = await urlOf(shop)
      // What was sold before the stock was there for the first time counts too.
      await sell(shopUrl, '581588', 6)
      const stock = script('stock/serve.ts', [], env)
      const stockUrl = await urlOf(stock)
      await hasLeft(stockUrl, 6)
      stock.child.kill('SIGKILL')
      await stock.ended
      await sell(shopUrl, '581589', 10)
      await sell(shopUrl, '581590', 20)

      const again = script('stock/serve.ts', [], env)
      await hasLeft(await urlOf(again), 36)
      for (const process of [shop, again]) process.child.kill('SIGTERM')
      assert.deepEqual([await shop.ended, await again.ended], [0, 0], shop.printed.stderr + again.printed.stderr)
    })
  }
})
