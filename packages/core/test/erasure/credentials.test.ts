import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isGestaError, replayErasures } from '@gesta/core'
import type { Credentials } from '@gesta/core'
import { startApp } from '../started-app.ts'
import type { StartedApp, StartedOptions } from '../started-app.ts'
import { customerDomain, encryption } from './customers.ts'

const reason = 'asked for it'
const key = (id: string, tenant = 't') => ({ tenant, kind: 'password', id })
const start = (options: StartedOptions = {}): Promise<StartedApp> =>
  startApp(customerDomain, { encryption, ...options })
async function fill(credentials: Credentials): Promise<void> {
  for (const [id, subject] of [
    ['1', 'ann'],
    ['2', 'ann'],
    ['3', 'bob'],
  ] as const)
    for (const tenant of ['t', 'u']) await credentials.put(key(id, tenant), { subject, value: id }, 0)
}
async function idsOf(credentials: Credentials): Promise<readonly string[]> {
  return (await credentials.list({})).items.map(({ tenant, id }) => `${tenant}${id}`)
}

describe('the credentials of a subject', () => {
  test('go with its erasure, those of its namesake and of others stay', async () => {
    await using app = await start()
    const { credentials } = app.running.stores
    await fill(credentials)
    const erasure = await app.running.erase({ tenant: 't', subject: 'ann', reason })
    assert.deepEqual(await idsOf(credentials), ['t3', 'u1', 'u2', 'u3'])
    await credentials.put(key('late'), { subject: 'ann', value: 1 }, 0)
    assert.deepEqual(await app.running.erase({ tenant: 't', subject: 'ann', reason }), erasure)
    assert.deepEqual(await idsOf(credentials), ['t3', 'u1', 'u2', 'u3'])
  })

  test('go with the next start when a crash came between the destroyed key and them', async () => {
    const app = await start()
    await fill(app.running.stores.credentials)
    await app[Symbol.asyncDispose]()
    const { keys } = await app.held.backend.open(app.runtime)
    await keys.shred({ tenant: 't', subject: 'ann' }, reason, 7_000_000)
    await using next = await start({ beside: app })
    assert.deepEqual(await idsOf(next.running.stores.credentials), ['t3', 'u1', 'u2', 'u3'])
  })

  test('that a backup brought back go again when erasures are replayed', async () => {
    const app = await start()
    const { credentials } = app.running.stores
    await app.running.erase({ tenant: 't', subject: 'ann', reason })
    await fill(credentials)
    await replayErasures(app.held.backend, app.runtime)
    assert.deepEqual(await idsOf(credentials), ['t3', 'u1', 'u2', 'u3'])
    await app[Symbol.asyncDispose]()
  })
})

describe('an app', () => {
  test('seals its keys and its credentials anew, and counts both', async () => {
    const next = { id: 'k9', secret: 'the next secret of at least 32 bytes' }
    const secrets = [next, ...encryption.secrets]
    const app = await start()
    await fill(app.running.stores.credentials)
    await app[Symbol.asyncDispose]()
    {
      await using both = await start({ beside: app, encryption: { secrets } })
      assert.deepEqual(await both.running.rotateKeys(), { rewrapped: 1, resealed: 6, remaining: 0 })
      assert.deepEqual(await both.running.rotateKeys(), { rewrapped: 0, resealed: 0, remaining: 0 })
    }
    await using after = await start({ beside: app, encryption: { secrets: [next] } })
    assert.equal((await idsOf(after.running.stores.credentials)).length, 6)
  })

  test('that cannot open a key has sealed its credentials anew all the same', async () => {
    const next = { id: 'k9', secret: 'the next secret of at least 32 bytes' }
    const app = await start()
    await fill(app.running.stores.credentials)
    const { keys, credentials } = await app.held.backend.open(app.runtime)
    await keys.putIfAbsent({
      tenant: 't',
      subject: 'zoe',
      keyId: 'key',
      wrappedBy: encryption.secrets[0]?.id ?? '',
      wrapped: 'AAAA',
      createdAt: 1,
    })
    await using both = await start({ beside: app, encryption: { secrets: [next, ...encryption.secrets] } })
    await assert.rejects(both.running.rotateKeys(), (error) => isGestaError(error, 'key_unreadable'))
    assert.equal(await credentials.total({ sealedBy: 'k9' }), 6)
    await app[Symbol.asyncDispose]()
  })

  test('without encryption keeps none', async () => {
    await using app = await startApp([])
    assert.throws(() => app.running.stores.credentials, /keeps no credentials: start\(\) was given no encryption/)
  })
})
