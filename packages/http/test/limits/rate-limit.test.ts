import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createFanout } from '@gesta/core/registry'
import { addressKey, networkOf } from '../../src/limits/address-key.ts'
import { serve } from '../../src/index.ts'
import type { RateLimitOptions } from '../../src/index.ts'
import { asksForCookies, bearer, serveSessions } from '../support/session-app.ts'
import type { ServedSessions } from '../support/session-app.ts'

const limited = (rateLimit: RateLimitOptions): ReturnType<typeof serveSessions> =>
  serveSessions({ rateLimit, trustProxy: 1 })
const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address })
const hello = async (shop: ServedSessions, address: string): Promise<number> =>
  (await shop.get('/api/queries/Auth.Hello', from(address))).status

describe('an address that asks too often', () => {
  test('is told when to come back, and others are answered', async () => {
    await using shop = await limited({ requestsPerMinute: 2 })
    assert.deepEqual([await hello(shop, '192.0.2.1'), await hello(shop, '192.0.2.1')], [200, 200])
    const { status, problem, headers } = await shop.get('/api/queries/Auth.Hello', from('192.0.2.1'))
    assert.deepEqual([status, problem.code], [429, 'rate_limited'])
    const seconds = Number(headers.get('retry-after'))
    assert.ok(seconds >= 1 && seconds <= 60)
    assert.equal(await hello(shop, '192.0.2.2'), 200)
    assert.deepEqual(shop.logged, [])
  })

  test('is one network of 64 bits over IPv6', async () => {
    await using shop = await limited({ requestsPerMinute: 1 })
    assert.equal(await hello(shop, '2001:db8:1:1::1'), 200)
    assert.equal(await hello(shop, '2001:db8:1:1:ffff::2'), 429)
    assert.equal(await hello(shop, '2001:db8:1:2::1'), 200)
  })

  test('is counted whatever it asks: commands, calls, queries, streams', async () => {
    const events = { fanout: createFanout() }
    await using shop = await serveSessions({ rateLimit: { requestsPerMinute: 1 }, trustProxy: 1, events })
    const asked = [
      (headers: Record<string, string>) => shop.post('/api/commands/Auth.Register', { email: 'a' }, headers),
      (headers: Record<string, string>) => shop.post('/api/call/Auth.Hello', undefined, headers),
      (headers: Record<string, string>) => shop.get('/jwks', headers),
      (headers: Record<string, string>) => shop.get('/api/events?types=!', headers),
    ]
    for (const [index, ask] of asked.entries()) {
      const address = `192.0.2.${index + 1}`
      assert.notEqual((await ask(from(address))).status, 429)
      assert.equal((await ask(from(address))).status, 429)
    }
  })

  test('is told whether the process lives, and what is served', async () => {
    await using shop = await limited({ requestsPerMinute: 1 })
    assert.deepEqual([await hello(shop, '192.0.2.1'), await hello(shop, '192.0.2.1')], [200, 429])
    for (const path of ['/healthz', '/ready', '/docs', '/docs/api'])
      assert.equal((await shop.get(path, from('192.0.2.1'))).status, 200)
  })

  test('cannot make up addresses where no proxy is trusted', async () => {
    await using shop = await serveSessions({ rateLimit: { requestsPerMinute: 1 } })
    assert.deepEqual([await hello(shop, '192.0.2.1'), await hello(shop, '192.0.2.2')], [200, 429])
  })

  test('cannot make up addresses in front of the proxies that stand in a row', async () => {
    await using shop = await limited({ requestsPerMinute: 1 })
    assert.equal(await hello(shop, '198.51.100.1, 192.0.2.1'), 200)
    assert.equal(await hello(shop, '198.51.100.2, 192.0.2.1'), 429)
  })
})

describe('attempts to sign in', () => {
  test('are bounded strictly, before anything is read or run', async () => {
    await using shop = await limited({ attemptsPerMinute: 1 })
    const address = from('192.0.2.1')
    assert.equal((await shop.post('/login', { password: 'wrong' }, address)).status, 401)
    for (const [path, body] of [
      ['/login', { password: 'right' }],
      ['/api/commands/Auth.Login', 'no json'],
      ['/api/call/Auth.Login', { password: 'right' }],
      ['/api/commands/Auth.Refresh', { refreshToken: 'x' }],
      ['/api/commands/Auth.Register', { email: 'a' }],
    ] as const) {
      const { status, problem, headers } = await shop.post(path, body, { ...address, ...asksForCookies })
      assert.deepEqual([status, problem.code, headers.has('retry-after')], [429, 'rate_limited', true])
    }
    assert.equal(shop.known.devices.length, 1)
  })

  test('leave alone who is known, and what is asked', async () => {
    await using shop = await limited({ attemptsPerMinute: 1 })
    const headers = { ...from('192.0.2.1'), ...bearer('ada') }
    for (let i = 0; i < 3; i++) {
      assert.equal((await shop.get('/api/queries/Auth.Me', headers)).status, 200)
      const note = { body: { text: 'a' }, headers }
      assert.equal((await shop.ask('PUT', `/api/tenants/acme/notes/n-${i}`, note)).status, 200)
    }
  })

  test('that let somebody in are not counted, so that an office behind one address is not kept out', async () => {
    await using shop = await limited({ attemptsPerMinute: 2 })
    const address = from('192.0.2.1')
    const login = async (password: string): Promise<number> => (await shop.post('/login', { password }, address)).status
    for (let i = 0; i < 5; i++) assert.equal(await login('right'), 200)
    for (const refreshToken of ['refresh-1', 'refresh-2', 'refresh-3'])
      assert.equal((await shop.post('/api/call/Auth.Refresh', { refreshToken }, address)).status, 200)
    assert.deepEqual([await login('wrong'), await login('wrong')], [401, 401])
    assert.deepEqual([await login('wrong'), await login('right')], [429, 429])
  })

  test('are bounded by default, far below everything else', async () => {
    await using shop = await serveSessions()
    const attempts = Array.from({ length: 121 }, () => shop.post('/login', { password: 'wrong' }))
    const statuses = (await Promise.all(attempts)).map(({ status }) => status)
    assert.equal(statuses.filter((status) => status === 429).length, 1)
    assert.equal((await shop.get('/api/queries/Auth.Hello')).status, 200)
  })

  test('that a command itself bounds say when to come back', async () => {
    await using shop = await serveSessions()
    const { status, headers } = await shop.post('/api/commands/Auth.Busy')
    assert.deepEqual([status, headers.get('retry-after')], [429, '5'])
  })
})

describe('the bound', () => {
  test('can be left out', async () => {
    await using shop = await serveSessions({ rateLimit: false })
    const attempts = Array.from({ length: 130 }, () => shop.post('/login', { password: 'wrong' }))
    for (const { status } of await Promise.all(attempts)) assert.equal(status, 401)
  })

  test('is a whole number, and has no other options', async () => {
    await using shop = await serveSessions()
    for (const rateLimit of [{ requestsPerMinute: 0 }, { attemptsPerMinute: 1.5 }])
      await assert.rejects(serve(shop.running, { rateLimit }), /expected rateLimit\.\w+ to be a whole number/)
    await assert.rejects(serve(shop.running, { rateLimit: { perMinute: 1 } as never }), /has no option "perMinute"/)
  })
})

describe('the key of an address', () => {
  test('is one for all spellings of a network', () => {
    for (const same of ['2001:db8::1', '2001:0db8:0:0::', '2001:DB8:0:0:1:2:3:4', '2001:db8::%eth0'])
      assert.equal(networkOf(same), '2001:db8:0:0::/64')
    assert.equal(networkOf('::1'), '0:0:0:0::/64')
    assert.equal(networkOf('1:2:3:4:5:6:7::'), '1:2:3:4::/64')
    assert.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1')
    assert.equal(networkOf('192.0.2.1'), '192.0.2.1')
  })

  test('is one of a bounded number, whoever asks', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), fc.ipV4(), fc.string()), (text) => /^[0-9a-f]{4}$/.test(addressKey(text))),
    )
  })

  test('is the same for every address of an IPv6 network', () => {
    const group = fc.nat(0xffff).map((n) => n.toString(16))
    const half = fc.tuple(group, group, group, group).map((groups) => groups.join(':'))
    fc.assert(fc.property(half, half, half, (net, a, b) => networkOf(`${net}:${a}`) === networkOf(`${net}:${b}`)))
  })
})
