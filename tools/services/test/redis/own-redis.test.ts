import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ownRedisForTests } from '../../src/index.ts'
import { connectRedis } from '../../src/redis/connection.ts'
import type { Reply } from '../../src/redis/reply.ts'
import { chooseKeys, openKeyRun } from '../../src/redis/keys.ts'

const redis = await ownRedisForTests()

async function ask(url: string, ...words: readonly string[]): Promise<Reply> {
  using connection = await connectRedis(url)
  return await connection.call(...words)
}

describe('a Redis of its own', { skip: redis.skip }, () => {
  test('has the settings that it is given, and is stopped and started again on the same data', async () => {
    await using server = await redis.start({ settings: { maxmemory: '1mb' } })
    assert.deepEqual(await ask(server.url, 'CONFIG', 'GET', 'maxmemory'), ['maxmemory', '1048576'])
    for (const mode of ['fast', 'immediate'] as const) {
      await ask(server.url, 'INCR', 'stops')
      await server.stop(mode)
      await assert.rejects(ask(server.url, 'PING'), /ECONNREFUSED/)
      await server.start()
    }
    assert.equal(await ask(server.url, 'GET', 'stops'), '2')
  })

  test('that cannot start says what the server said', async () => {
    await assert.rejects(redis.start({ settings: { 'no-such-setting': '1' } }), /no-such-setting/)
  })

  test('greets who has the password and the number of a database', async () => {
    await using server = await redis.start()
    await ask(server.url, 'CONFIG', 'SET', 'requirepass', 'a/b')
    await assert.rejects(ask(server.url, 'PING'), /NOAUTH/)
    const third = server.url.replace('redis://', 'redis://:a%2Fb@').concat('/3')
    await ask(third, 'SET', 'a', '1')
    assert.match(String(await ask(third, 'INFO', 'keyspace')), /db3:keys=1/)
  })

  test('lets a run tidy up behind itself and behind dead runs, and leaves living runs and other keys alone', async () => {
    await using server = await redis.start()
    const keys = async (): Promise<Reply> => ask(server.url, 'KEYS', '*[^s]')
    await ask(server.url, 'SET', 'somebody', '1')
    const living = await openKeyRun(server.url)
    const kept = `${chooseKeys(server.url, living.id).prefix}k`
    await ask(server.url, 'SET', kept, '1')
    // A run that was killed has left keys, and the name of its connection ended with it.
    const dead = await openKeyRun(server.url)
    await ask(server.url, 'SET', `${chooseKeys(server.url, dead.id).prefix}k`, '1')
    await ask(server.url, 'CLIENT', 'KILL', 'ID', await idOf(server.url, dead.id))

    const run = await openKeyRun(server.url)
    await ask(server.url, 'SET', `${chooseKeys(server.url, run.id).prefix}k`, '1')
    assert.equal(((await keys()) as string[]).length, 3)
    await run[Symbol.asyncDispose]()
    assert.deepEqual(new Set((await keys()) as string[]), new Set(['somebody', kept]))
    await living[Symbol.asyncDispose]()
    assert.deepEqual(await ask(server.url, 'KEYS', '*'), ['somebody'])
  })
})

async function idOf(url: string, run: number): Promise<string> {
  const clients = String(await ask(url, 'CLIENT', 'LIST'))
  return new RegExp(`id=(\\d+) .*name=gesta-test-${run} `).exec(clients)?.[1] ?? ''
}
