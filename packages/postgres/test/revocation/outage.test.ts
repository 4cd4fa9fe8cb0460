// A process that cannot ask the store how permissions stand allows nothing, whatever it has in memory.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startTcpProxy } from '@gesta/services'
import type { TcpProxy } from '@gesta/services'
import { postgres } from '../../src/index.ts'
import { databaseUrl, newSchema, skip } from '../place.ts'
import { startTeam, ways } from './team-app.ts'
import type { Team } from './team-app.ts'

const proxies: TcpProxy[] = []
after(() => Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]())))

/** One process with the server, and another one behind a proxy. */
async function onProxy(run: (one: Team, other: Team, proxy: TcpProxy) => Promise<void>): Promise<void> {
  const { url, schema } = await newSchema()
  const target = new URL(await databaseUrl())
  if (target.port === '') target.port = '5432'
  const proxy = await startTcpProxy(target.href)
  proxies.push(proxy)
  await using one = await startTeam(postgres({ url, schema }))
  const hasty = { retryForMs: 100, lockTimeoutMs: 900, answerTimeoutMs: 2_000 }
  await using other = await startTeam(postgres({ url: proxy.through(url), schema, ...hasty }))
  await run(one, other, proxy)
}

test('a process whose connections are cut denies what it knew, with an error of its own', { skip }, () =>
  onProxy(async (one, other, proxy) => {
    for (const way of ways) assert.equal(await other.ask('query', way), 'allowed')
    proxy.refuse()
    proxy.cut()
    for (const way of ways) {
      assert.equal(await other.ask('query', way), 'permissions_unavailable')
      await one.change(way, way, false)
      assert.notEqual(await other.ask('command', way), 'allowed')
    }
    await proxy.accept()
    for (const way of ways) {
      assert.equal(await other.ask('query', way), 'permission_denied')
      assert.equal(await other.ask('command', way), 'permission_denied')
    }
  }),
)

test('and so does one whose server does not answer', { skip }, () =>
  onProxy(async (one, other, proxy) => {
    assert.equal(await other.ask('query', 'ann'), 'allowed')
    proxy.impose({ silent: true })
    const asked = other.ask('query', 'ann')
    await one.change('ann', 'permission', false)
    assert.equal(await asked, 'permissions_unavailable')
    proxy.heal()
    assert.equal(await other.ask('query', 'ann'), 'permission_denied')
  }),
)
