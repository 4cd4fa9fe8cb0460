// How often one may try to sign in: many addresses gain nothing, and nobody keeps the owner out.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { isGestaError, systemContext, systemTenant } from '@gesta/core'
import type { Credentials } from '@gesta/core'
import fc from 'fast-check'
import { login } from '../../src/auth/auth-contracts.ts'
import { networkOf } from '../../src/auth/network-of.ts'
import { createThrottleCounts } from '../../src/auth/throttle-counts.ts'
import { createThrottle } from '../../src/auth/throttle.ts'
import type { SignInAttempt, Throttle } from '../../src/auth/throttle.ts'
import { openIdentity } from '../open-identity.ts'
import { sharedStore, skip, storesOfOne } from '../stores.ts'
import { openCredentials, settableClock } from './secrets-of-tests.ts'

async function open() {
  const opened = await openCredentials()
  const clock = settableClock()
  const { credentials } = opened
  return {
    ...clock,
    credentials,
    throttle: createThrottle({ credentials, now: clock.now }),
    restarted: () => createThrottle({ credentials, now: clock.now }),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}
const attempt = (more: Partial<SignInAttempt> = {}): SignInAttempt => ({
  address: '192.0.2.1',
  subject: 'ann',
  device: undefined,
  use: randomUUID(),
  ...more,
})
/** How long it has to wait; 0: it was let through, and failed. */
async function failing(throttle: Throttle, one: SignInAttempt): Promise<number> {
  try {
    await throttle.check(one)
  } catch (error) {
    assert.ok(isGestaError(error, 'rate_limited'))
    return error.facts['retryAfterMs'] as number
  }
  await throttle.failed(one)
  return 0
}
async function failuresLetThrough(throttle: Throttle, attempts: Iterable<SignInAttempt>): Promise<number> {
  let count = 0
  for (const one of attempts) if ((await failing(throttle, one)) === 0) count++
  return count
}
const many = (count: number, make: (at: number) => Partial<SignInAttempt>): SignInAttempt[] =>
  Array.from({ length: count }, (_, at) => attempt(make(at)))

describe('attempts to sign in', () => {
  it('wait longer with each failure of an address at an account, to a quarter of an hour', async () => {
    await using app = await open()
    for (let at = 0; at < 5; at++) assert.equal(await failing(app.throttle, attempt()), 0)
    let before = 500
    for (let at = 0; at < 9; at++) {
      const waitMs = await failing(app.throttle, attempt())
      assert.ok(waitMs > before, `${waitMs} after ${before}`)
      assert.ok(waitMs <= 900_000)
      before = waitMs
      app.pass(waitMs)
      assert.equal(await failing(app.throttle, attempt()), 0)
    }
  })

  it('that are throttled count for nothing, so that who waits gets in', async () => {
    await using app = await open()
    await failuresLetThrough(
      app.throttle,
      many(5, () => ({})),
    )
    const waitMs = await failing(app.throttle, attempt())
    for (let at = 0; at < 50; at++) await failing(app.throttle, attempt())
    app.pass(waitMs)
    assert.equal(await failing(app.throttle, attempt()), 0)
  })

  it('are forgotten after some hours', async () => {
    await using app = await open()
    await failuresLetThrough(
      app.throttle,
      many(12, () => ({})),
    )
    app.pass(3 * 3_600_000)
    assert.equal(
      await failuresLetThrough(
        app.throttle,
        many(5, () => ({})),
      ),
      5,
    )
  })

  it('at one account from many addresses share one budget', async () => {
    await using app = await open()
    const through = await failuresLetThrough(
      app.throttle,
      many(500, (at) => ({ address: `192.0.${at >> 8}.${at & 255}` })),
    )
    assert.equal(through, 15)
    app.pass(3_600_000)
    const later = await failuresLetThrough(
      app.throttle,
      many(500, (at) => ({ address: `10.0.${at >> 8}.${at & 255}` })),
    )
    assert.equal(later, 1)
  })

  it('of a day at one account from as many addresses as there are come to a hundred or so', async () => {
    await using app = await open()
    let through = 0
    for (let minute = 0; minute < 1_440; minute++) {
      const address = `10.${minute >> 8}.${minute & 255}.1`
      if ((await failing(app.throttle, attempt({ address }))) === 0) through++
      app.pass(60_000)
    }
    assert.ok(through < 130, String(through))
  })

  it('of one address at many accounts share one budget', async () => {
    await using app = await open()
    assert.equal(
      await failuresLetThrough(
        app.throttle,
        many(200, (at) => ({ subject: `account-${at}` })),
      ),
      30,
    )
    assert.equal(await failing(app.throttle, attempt({ address: '192.0.2.2', subject: 'account-300' })), 0)
  })

  it('from one network of IPv6 count as one', async () => {
    await using app = await open()
    const addresses = many(50, (at) => ({ address: `2001:db8:1:2::${at.toString(16)}` }))
    assert.equal(await failuresLetThrough(app.throttle, addresses), 5)
    assert.equal(await failing(app.throttle, attempt({ address: '2001:db8:1:3::1' })), 0)
  })

  it('that come all at once are let through no more than one after the other', async () => {
    await using app = await open()
    const all = await Promise.all(many(200, () => ({})).map((one) => failing(app.throttle, one)))
    assert.equal(all.filter((waitMs) => waitMs === 0).length, 5)
  })

  it('hold over a restart', async () => {
    await using app = await open()
    await failuresLetThrough(
      app.throttle,
      many(5, () => ({})),
    )
    assert.ok((await failing(app.restarted(), attempt())) > 0)
  })
})

describe('an owner', () => {
  it('gets in from a known device, however many others try from wherever', async () => {
    await using app = await open()
    const device = await app.throttle.succeeded(attempt())
    await failuresLetThrough(
      app.throttle,
      many(300, (at) => ({ address: `10.1.${at >> 8}.${at & 255}` })),
    )
    await failuresLetThrough(
      app.throttle,
      many(300, () => ({})),
    )
    const own = attempt({ address: '203.0.113.9', device })
    await app.throttle.check(own)
    assert.equal(await app.throttle.succeeded(own), device)
  })

  it('gets in from an address that was used before, however many try from others', async () => {
    await using app = await open()
    await app.throttle.succeeded(attempt({ address: '203.0.113.9' }))
    await failuresLetThrough(
      app.throttle,
      many(300, (at) => ({ address: `10.1.${at >> 8}.${at & 255}` })),
    )
    await app.throttle.check(attempt({ address: '203.0.113.9' }))
  })

  it('who proved to have the mailbox gets in from there, because that counts as a success', async () => {
    await using app = await open()
    await failuresLetThrough(
      app.throttle,
      many(300, (at) => ({ address: `10.1.${at >> 8}.${at & 255}` })),
    )
    const fresh = attempt({ address: '203.0.113.10' })
    assert.ok((await failing(app.throttle, fresh)) > 0)
    await app.throttle.succeeded(fresh)
    assert.equal(await failing(app.throttle, attempt({ address: '203.0.113.10' })), 0)
  })

  it('who signs in often spends nothing of what strangers share', async () => {
    await using app = await open()
    for (let at = 0; at < 60; at++) {
      const one = attempt({ address: `10.2.0.${at}` })
      await app.throttle.check(one)
      await app.throttle.succeeded(one)
    }
    assert.equal(await failing(app.throttle, attempt({ address: '10.3.0.1' })), 0)
  })
})

describe('a device that is known', () => {
  it('is throttled by itself', async () => {
    await using app = await open()
    const device = await app.throttle.succeeded(attempt())
    const through = await failuresLetThrough(
      app.throttle,
      many(100, (at) => ({ device, address: `10.4.0.${at}` })),
    )
    assert.equal(through, 10)
  })

  it('is known for its account alone', async () => {
    await using app = await open()
    const device = await app.throttle.succeeded(attempt({ subject: 'mallory' }))
    const through = await failuresLetThrough(
      app.throttle,
      many(100, (at) => ({ device, address: `10.5.0.${at}` })),
    )
    assert.equal(through, 15)
    assert.notEqual(await app.throttle.succeeded(attempt({ device })), device)
  })

  it('is not made known by naming it, and what is no token is none', async () => {
    await using app = await open()
    for (const device of ['x'.repeat(43), '', '__proto__', '../../x'])
      assert.notEqual(await app.throttle.succeeded(attempt({ device })), device)
  })
})

describe('addresses', () => {
  it('are counted by what one subscriber has', () => {
    const cases = {
      '192.0.2.1': '192.0.2.1',
      '::ffff:192.0.2.1': '192.0.2.1',
      '2001:db8:1:2:3:4:5:6': '2001:db8:1:2::/64',
      '2001:0DB8:0001:0002::9': '2001:db8:1:2::/64',
      '2001:db8::1': '2001:db8:0:0::/64',
      '::1': '0:0:0:0::/64',
      'fe80::1%eth0': 'fe80:0:0:0::/64',
      '64:ff9b::192.0.2.33': '64:ff9b:0:0::/64',
      '1:2:3:4:5:6:192.0.2.33': '1:2:3:4::/64',
      'not an address': 'not an address',
    }
    for (const [address, network] of Object.entries(cases)) assert.equal(networkOf(address), network, address)
  })
})

/** Many who count at once lose nothing: neither in one process nor, as far as versions tell, among several. */
async function countAtOnce(all: readonly Credentials[], takes: number): Promise<void> {
  const now = (): number => 1_800_000_000_000
  const budget = { free: 10_000, firstMs: 1_000, maxMs: 1_000, forgottenMs: 3_600_000 }
  const each = all.map((credentials) => createThrottleCounts({ credentials, now }))
  const id = `id-${takes}-${Math.random()}`
  await Promise.all(Array.from({ length: takes }, async (_, at) => each[at % each.length]?.take(id, budget)))
  const found = await all[0]?.get({ tenant: 'SYSTEM', kind: 'throttle', id })
  assert.equal((found?.value as { count: number } | undefined)?.count ?? 0, takes)
}

describe('counts', () => {
  for (const [name, place] of Object.entries(storesOfOne))
    it(`lose nothing under contention on ${name}`, async () => {
      await using at = await place()
      await using opened = await openCredentials(at.store)
      const { credentials } = opened
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 4 }), async (takes, processes) => {
          await countAtOnce(
            Array.from({ length: processes }, () => credentials),
            takes,
          )
        }),
        { numRuns: 10 },
      )
    })

  it('lose nothing among processes that share PostgreSQL', { skip }, async () => {
    const backend = await sharedStore()
    await using one = await openCredentials(backend())
    await using two = await openCredentials(backend())
    await countAtOnce([one.credentials, two.credentials], 60)
  })
})

describe('signing in over and over', () => {
  it('is throttled before a password is compared, and the audit log tells which attempts were', async () => {
    await using app = await openIdentity()
    await app.signUp('ann@shop.example')
    const tried = async (): Promise<string> => {
      try {
        return await app.refused(login({ email: 'ann@shop.example', password: 'not the password' }))
      } catch (error) {
        return isGestaError(error) ? error.code : 'failed'
      }
    }
    const answers: string[] = []
    for (let at = 0; at < 20; at++) answers.push(await tried())
    assert.equal(answers.filter((one) => one === 'invalid_credentials').length, 15)
    assert.equal(answers.filter((one) => one === 'rate_limited').length, 5)
    const { items } = await app.app.audit.list(systemContext(systemTenant), { action: 'Auth.Login' })
    const count = (outcome: string): number => items.filter((one) => one.outcome === outcome).length
    assert.deepEqual([count('succeeded'), count('rejected'), count('failed')], [1, 15, 5])
  })

  it('is answered alike for an address that nobody has', async () => {
    await using app = await openIdentity()
    await app.signUp('ann@shop.example')
    for (const email of ['ann@shop.example', 'nobody@shop.example']) {
      const codes: string[] = []
      for (let at = 0; at < 17; at++)
        codes.push(
          await app
            .refused(login({ email, password: 'not the password' }))
            .catch((error: unknown) => (isGestaError(error) ? error.code : 'failed')),
        )
      assert.deepEqual(codes, [...Array(15).fill('invalid_credentials'), 'rate_limited', 'rate_limited'])
    }
  })
})
