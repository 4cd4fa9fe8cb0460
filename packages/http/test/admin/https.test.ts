import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { after, before, describe, test } from 'node:test'
import { serve, serveAdmin } from '../../src/index.ts'
import type { AdminOptions } from '../../src/index.ts'
import { as, authenticateBy, serveWatched } from '../runtime/watched-shop.ts'
import type { WatchedShop } from '../runtime/watched-shop.ts'
import { operatorAt } from './operator.ts'

let shop: WatchedShop
before(async () => {
  shop = await serveWatched()
})
after(() => shop[Symbol.asyncDispose]())

/** An address of this machine that is not the loopback one. */
const outer = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === 'IPv4' && !each.internal)?.address

async function codeOf(
  options: AdminOptions,
  headers: Record<string, string>,
  host = '127.0.0.1',
): Promise<string | number> {
  const all = { port: 0, host: '0.0.0.0', authenticate: authenticateBy(), ...options }
  await using server = await serveAdmin(shop.running, all)
  const operator = operatorAt(`http://${host}:${new URL(server.url).port}`)
  const { status, problem } = await operator.get('/admin/read-models', { headers: { ...as('root'), ...headers } })
  if (status === 403) assert.match(problem.detail ?? '', /x-forwarded-proto: https/)
  return status === 200 ? 200 : problem.code
}

const production = true
const https = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '10.1.2.3' }

describe('in production the admin address', () => {
  test('lets pass a program of this machine that connects straight: it crosses no network', async () => {
    assert.equal(await codeOf({ production }, {}), 200)
  })

  test(
    'refuses plain HTTP of another machine',
    { skip: outer === undefined && 'this machine has one address' },
    async () => {
      assert.equal(await codeOf({ production }, {}, outer), 'https_required')
    },
  )

  test('refuses what a proxy passed on as plain HTTP, or without saying how it came', async () => {
    for (const headers of [
      { 'x-forwarded-for': '10.1.2.3' },
      { 'x-forwarded-proto': 'http', 'x-forwarded-for': '10.1.2.3' },
      { 'x-forwarded-proto': 'http' },
      { forwarded: 'proto=https' },
      { via: '1.1 proxy' },
      { 'x-real-ip': '10.1.2.3' },
    ])
      assert.equal(await codeOf({ production, trustProxy: '127.0.0.1' }, headers), 'https_required')
  })

  test('believes a proxy that it was told of, and no other', async () => {
    assert.equal(await codeOf({ production, trustProxy: '127.0.0.1' }, https), 200)
    assert.equal(await codeOf({ production, trustProxy: ['10.0.0.0/8'] }, https), 'https_required')
    assert.equal(await codeOf({ production }, https), 'https_required')
  })

  test('believes the proxy that is next to it, whatever came before', async () => {
    const chained = { ...https, 'x-forwarded-proto': 'https, http' }
    assert.equal(await codeOf({ production, trustProxy: '127.0.0.1' }, chained), 'https_required')
  })
})

describe('production', () => {
  test('is what NODE_ENV says, unless the option does', async () => {
    const { NODE_ENV } = process.env
    try {
      process.env['NODE_ENV'] = 'production'
      assert.equal(await codeOf({}, { via: '1.1 proxy' }), 'https_required')
      assert.equal(await codeOf({ production: false }, { via: '1.1 proxy' }), 200)
      process.env['NODE_ENV'] = 'test'
      assert.equal(await codeOf({}, { via: '1.1 proxy' }), 200)
    } finally {
      if (NODE_ENV === undefined) delete process.env['NODE_ENV']
      else process.env['NODE_ENV'] = NODE_ENV
    }
  })

  test('and authenticate are options that are checked', async () => {
    const wrong = { production: 'yes' as never }
    await assert.rejects(serveAdmin(shop.running, wrong), /Expected production to be true or false, received yes/)
    await assert.rejects(serve(shop.running, wrong), /Expected production to be true or false/)
    const nobody = { authenticate: 'me' as never }
    await assert.rejects(serveAdmin(shop.running, nobody), /expected authenticate to be a function of the request/)
    await assert.rejects(serve(shop.running, { port: 0, admin: nobody }), /serve\(\{ admin \}\): expected authenticate/)
  })
})
