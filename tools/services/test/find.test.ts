import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { findPrograms, findServer } from '../src/find.ts'
import { ownRedisForTests } from '../src/index.ts'
import { postgres } from '../src/postgres/postgres.ts'
import { redis } from '../src/redis/redis.ts'

const nothing = { GESTA_TEST_SERVICES: '' }

describe('a server that the environment names', async () => {
  const own = await ownRedisForTests()

  test('is the one', { skip: own.skip }, async () => {
    await using server = await own.start()
    await using found = await findServer(redis, { ...nothing, GESTA_TEST_REDIS_URL: server.url })
    assert.equal(found.url, server.url)
    assert.match(found.description, /^Redis \d+\.\d+\S* at 127\.0\.0\.1:\d+ \(GESTA_TEST_REDIS_URL\)$/)
    await found[Symbol.asyncDispose]()
    assert.ok(await redis.greet(server.url), 'a server that was found is not stopped')
  })

  test('and that does not answer is an error, and no other server takes its place', async () => {
    for (const service of [postgres, redis]) {
      const named = { [service.variable]: `${service.name}://127.0.0.1:1` }
      await assert.rejects(findServer(service, named), (error: Error) => {
        assert.match(error.message, new RegExp(`^${service.variable} names a server that does not answer`))
        assert.match(error.message, /ECONNREFUSED/)
        return true
      })
    }
  })

  test('and that speaks another protocol is an error', async () => {
    const web = createServer((socket) => socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await once(web.listen(0, '127.0.0.1'), 'listening')
    const { port } = web.address() as AddressInfo
    await assert.rejects(
      findServer(redis, { GESTA_TEST_REDIS_URL: `redis://127.0.0.1:${port}` }),
      /does not answer as Redis/,
    )
    await assert.rejects(
      findServer(postgres, { GESTA_TEST_POSTGRES_URL: `postgres://127.0.0.1:${port}` }),
      /as PostgreSQL/,
    )
    web.close()
  })
})

test('a server is started when only its programs are there, and is gone afterwards', async (context) => {
  const environment = { GESTA_TEST_SERVICES: 'path,npm' }
  const programs = await findPrograms(postgres, environment).catch((error: Error) => error)
  if (programs instanceof Error) return context.skip(programs.message)
  const found = await findServer(postgres, environment)
  assert.ok(found.description.endsWith(`(started from ${programs.from})`), found.description)
  assert.ok(found.description.startsWith(`PostgreSQL ${await postgres.greet(found.url)} at 127.0.0.1:`))
  await found[Symbol.asyncDispose]()
  await assert.rejects(postgres.greet(found.url), /ECONNREFUSED/)
})

describe('no server at all', () => {
  test('is an error that says where it was looked for and what to do', async () => {
    const hidden = { GESTA_TEST_SERVICES: 'npm' }
    await assert.rejects(findServer(redis, hidden), {
      name: 'ServiceMissing',
      message: [
        'Redis could not be had.',
        '  GESTA_TEST_SERVICES allows npm',
        '  npm: no package carries Redis as a program',
        'Install Redis 7 or newer, or start tools/services/compose.yaml with Docker, or name a server in GESTA_TEST_REDIS_URL.',
      ].join('\n'),
    })
    await assert.rejects(findPrograms(redis, hidden), /^ServiceMissing: A Redis to start could not be had\./)
  })

  test('is what a list of no ways leads to', async () => {
    for (const service of [postgres, redis])
      await assert.rejects(findServer(service, nothing), { name: 'ServiceMissing' })
  })
})

test('a way that does not exist is refused', async () => {
  await assert.rejects(
    findServer(redis, { GESTA_TEST_SERVICES: 'path,brew' }),
    /lists brew, and knows port, path, npm, apt/,
  )
})
