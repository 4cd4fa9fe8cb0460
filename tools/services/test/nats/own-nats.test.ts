import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { ownNatsForTests } from '../../src/index.ts'
import { connectNats } from '../../src/nats/connection.ts'
import { greetNats } from '../../src/nats/greet.ts'
import { chooseStreams, openStreamRun } from '../../src/nats/streams.ts'

const nats = await ownNatsForTests()

async function addStream(url: string, name: string): Promise<void> {
  await using client = await connectNats(url)
  await (await jetstreamManager(client)).streams.add({ name, subjects: [`${name}.>`] })
}
async function streamsOf(url: string): Promise<ReadonlySet<string>> {
  await using client = await connectNats(url)
  const names = new Set<string>()
  for await (const name of (await jetstreamManager(client)).streams.names())
    if (!name.endsWith('-kept')) names.add(name)
  return names
}

describe('a NATS of its own', { skip: nats.skip }, () => {
  test('has the settings that it is given, and is stopped and started again on the same data', async () => {
    await using server = await nats.start({ settings: { max_payload: 5000 } })
    await addStream(server.url, 'stops')
    for (const mode of ['fast', 'immediate'] as const) {
      {
        await using client = await connectNats(server.url)
        assert.equal(client.info?.max_payload, 5000)
        await jetstream(client).publish('stops.one', 'text')
      }
      await server.stop(mode)
      await assert.rejects(greetNats(server.url))
      await server.start()
    }
    assert.deepEqual(await streamsOf(server.url), new Set(['stops']))
  })

  test('that cannot start says what the server said', async () => {
    await assert.rejects(nats.start({ settings: { max_payload: 'no-number' } }), /nats\.conf/)
  })

  test('greets who has the password or the token, and only with JetStream', async () => {
    for (const authorization of [{ user: 'u', password: 'a/b' }, { token: 'a b' }]) {
      await using server = await nats.start({ settings: { authorization } })
      assert.match(await greetNats(server.url), /^\d+\.\d+/)
      await assert.rejects(greetNats(server.url.replace(/\/\/.*@/, '//')), /Authorization/i)
    }
    await assert.rejects(greetNats('http://127.0.0.1:4222'), /begins with nats:/)
  })

  test('lets a run tidy up behind itself and behind dead runs, and leaves living runs and other streams alone', async () => {
    await using server = await nats.start()
    await addStream(server.url, 'somebody')
    const living = await openStreamRun(server.url)
    const kept = `${chooseStreams(server.url, living.id).prefix}~k`
    await addStream(server.url, kept)
    // A run that was killed has left streams, and nobody answers for it.
    await addStream(server.url, `${chooseStreams(server.url, 1).prefix}~k`)
    const run = await openStreamRun(server.url)
    await addStream(server.url, `${chooseStreams(server.url, run.id).prefix}~k`)
    assert.equal((await streamsOf(server.url)).size, 3)
    await run[Symbol.asyncDispose]()
    assert.deepEqual(await streamsOf(server.url), new Set(['somebody', kept]))
    await living[Symbol.asyncDispose]()
    assert.deepEqual(await streamsOf(server.url), new Set(['somebody']))
  })
})
