// Every view of the shop is built anew over HTTP while orders come in, and is then what its verification builds from the log.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { script, temporaryFolder } from './script.ts'

type Body = { readonly [field: string]: unknown }
interface Status {
  readonly name: string
  readonly state: string
  readonly generation: number
}

/** Who runs the shop may steer it. */
const operator = { authorization: 'Bearer example-operator' }

async function told(url: string, body: unknown, credentials: { readonly [name: string]: string } = {}): Promise<Body> {
  const headers = { 'content-type': 'application/json', ...credentials }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await response.text()
  assert.equal(response.status, 200, text)
  return JSON.parse(text) as Body
}

/** Places orders, one after the other, until it is over, and tells how many. */
async function placeOrders(url: string, firstId: number, isOver: () => boolean): Promise<number> {
  const at = '2011-12-09 12:50:00'
  const lines = [{ code: '85123A', description: 'WHITE HANGING HEART', quantity: 6, pence: 255, at }]
  let count = 0
  for (; !isOver(); count++)
    await told(`${url}/orders`, {
      orderId: `${firstId + count}`,
      customerId: '14808',
      country: 'United Kingdom',
      lines,
    })
  return count
}

describe('the read models of a running shop', () => {
  it('are restored from zero over HTTP while orders come in, and equal their verification', async () => {
    await using folder = await temporaryFolder()
    const shop = script('serve.ts', [], { DATA_DIR: folder.path, PORT: '0', ADMIN_PORT: '0' })
    const [, admin = ''] = await shop.prints(/steered at (http:\S+)/)
    const [, url = ''] = await shop.prints(/open: (http:\S+)/)
    const { items } = (await (await fetch(admin, { headers: operator })).json()) as {
      readonly items: readonly Status[]
    }
    assert.ok(items.length >= 4)

    let isOver = false
    const placed = [700_000, 800_000, 900_000].map((firstId) => placeOrders(url, firstId, () => isOver))
    const restoring = items.map(({ name }) =>
      told(`${admin}/${name}`, { action: 'restore', restoreFromZero: true, wait: true }, operator),
    )
    const restored = (await Promise.all(restoring).finally(() => (isOver = true))) as unknown as readonly Status[]
    for (const count of await Promise.all(placed)) assert.ok(count > 0)
    for (const [index, { name, state, generation }] of restored.entries()) {
      assert.equal(state, 'live', name)
      assert.ok(generation > (items[index]?.generation ?? 0), name)
    }

    for (const { name } of items) {
      const { differences, listed, rows } = await told(`${admin}/${name}/verify`, {}, operator)
      assert.deepEqual([differences, listed], [0, []], name)
      assert.ok(Number(rows) > 0, name)
    }
    shop.child.kill('SIGTERM')
    assert.equal(await shop.ended, 0, shop.printed.stderr)
  })
})
