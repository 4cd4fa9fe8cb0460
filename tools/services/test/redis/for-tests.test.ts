import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { redisForTests } from '../../src/index.ts'
import { connectRedis } from '../../src/redis/connection.ts'

const redis = await redisForTests()

describe('keys for a test', { skip: redis.skip }, () => {
  test('have a prefix of their own, and those under it are deleted when they are disposed', async () => {
    const one = redis.newKeys()
    await using other = redis.newKeys()
    using connection = await connectRedis(one.url)
    await connection.call('SET', `${one.prefix}a`, '1')
    await connection.call('SET', `${other.prefix}a`, '2')
    await one[Symbol.asyncDispose]()
    assert.equal(await connection.call('GET', `${one.prefix}a`), null)
    assert.equal(await connection.call('GET', `${other.prefix}a`), '2')
  })
})
