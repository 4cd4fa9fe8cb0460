import assert from 'node:assert/strict'
import { cp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { aggregate, command, createApp, domain, event, isErased, isGestaError, replayErasures } from '@gesta/core'
import type { EncryptionOptions, Erased } from '@gesta/core'
import { z } from 'zod'
import { sqlite } from '../src/index.ts'
import { newFolder, runtime } from './place.ts'

const id = z.string()
const register = command('Customer.Register', { input: z.object({ id, name: z.string(), email: z.string() }) })
const greet = command('Customer.Greet', { input: z.object({ id }), result: z.object({ greeting: z.string() }) })
const Registered = event('Customer.Registered', z.object({ name: z.string(), email: z.string() }), {
  personal: { fields: ['name', 'email'] },
})
interface Greeted {
  readonly name: string | Erased
}
const Customer = aggregate('Customer', (): Greeted => ({ name: '' }), { snapshotEvery: 1 }).on(
  Registered,
  (_, { name }) => ({ name }),
)
const app = createApp('customers', {
  domains: [
    domain('Customer', {
      permissions: 'anonymous',
      handlers: [
        Customer.decide(register, 'id', (_, { name, email }) => [Registered({ name, email })]),
        Customer.decide(greet, 'id', ({ name }) =>
          greet.accept([], { greeting: isErased(name) ? 'Hello whoever you were' : `Hello ${name}` }),
        ),
      ],
    }),
  ],
})
const secret = { id: 'k1', secret: 'a secret of at least thirty-two bytes' }
const encryption: EncryptionOptions = { secrets: [secret] }
const ann = { id: 'ann', name: 'Ann Unmistakable', email: 'ann@unmistakable.example' }

/** Everything that lies in a folder, as one text. */
async function bytesIn(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const texts = files
    .filter((file) => file.isFile())
    .map((file) => readFile(join(file.parentPath, file.name), 'latin1'))
  return (await Promise.all(texts)).join('\n')
}

describe('personal data on the disk', () => {
  test('is in no file, neither while the app runs nor after it', async () => {
    await using folder = await newFolder()
    const store = sqlite(join(folder.path, 'store.db'))
    {
      await using running = await app.start({ store, encryption })
      assert.equal((await running.dispatch(register(ann))).ok, true)
      const seen = await bytesIn(folder.path)
      assert.match(seen, /Customer\.Registered/)
      assert.doesNotMatch(seen, /unmistakable/i)
    }
    assert.doesNotMatch(await bytesIn(folder.path), /unmistakable/i)
    await using running = await app.start({ store, encryption })
    const greeted = await running.dispatch(greet({ id: 'ann' }))
    assert.deepEqual(greeted.ok && greeted.result, { greeting: 'Hello Ann Unmistakable' })
  })

  test('is in no file with whole payloads sealed: no answer, object or cached value either', async () => {
    await using folder = await newFolder()
    const store = sqlite(join(folder.path, 'store.db'))
    {
      await using running = await app.start({ store, encryption: { ...encryption, payloads: 'all' } })
      await running.dispatch(register(ann))
      await running.dispatch(greet({ id: 'ann' }))
      const { data, cache } = running.stores
      const content = Buffer.from('Dear Ann Unmistakable')
      await data.set({ tenant: '', bucket: 'letters', object: 'a', contentType: 'text/plain', content })
      await cache.set({ tenant: '', key: 'a' }, '"Ann Unmistakable"')
      assert.doesNotMatch(await bytesIn(folder.path), /unmistakable/i)
    }
    assert.doesNotMatch(await bytesIn(folder.path), /unmistakable/i)
  })

  test('is gone for good with its key, also after a backup of the keys was put back', async () => {
    await using folder = await newFolder()
    await using backup = await newFolder()
    const store = sqlite(join(folder.path, 'store.db'))
    const scope = { tenant: '', subject: 'ann' }
    {
      await using running = await app.start({ store, encryption })
      await running.dispatch(register(ann))
    }
    const opened = await store.open(runtime)
    const before = await opened.keys.get(scope)
    await opened[Symbol.asyncDispose]()
    assert.ok(typeof before === 'object')
    assert.ok((await bytesIn(folder.path)).includes(before.wrapped))
    await cp(folder.path, backup.path, { recursive: true })
    {
      await using running = await app.start({ store, encryption })
      await running.erase({ subject: 'ann', reason: 'asked for it' })
      const greeted = await running.dispatch(greet({ id: 'ann' }))
      assert.deepEqual(greeted.ok && greeted.result, { greeting: 'Hello whoever you were' })
    }
    assert.ok(!(await bytesIn(folder.path)).includes(before.wrapped))

    for (const file of await readdir(backup.path))
      if (file.startsWith('store.db.keys')) await cp(join(backup.path, file), join(folder.path, file))
    assert.ok((await bytesIn(folder.path)).includes(before.wrapped))
    // The log tells who was erased, whatever the key store was restored to.
    assert.equal(await replayErasures(store, runtime), 1)
    assert.ok(!(await bytesIn(folder.path)).includes(before.wrapped))
    await using running = await app.start({ store, encryption })
    const greeted = await running.dispatch(greet({ id: 'ann' }))
    assert.deepEqual(greeted.ok && greeted.result, { greeting: 'Hello whoever you were' })
  })

  test('is not opened with another secret: the app does not start', async () => {
    await using folder = await newFolder()
    const store = sqlite(join(folder.path, 'store.db'))
    await (await app.start({ store, encryption }))[Symbol.asyncDispose]()
    for (const wrong of [
      { id: 'k1', secret: 'quite another secret of thirty-two bytes' },
      { id: 'k2', secret: secret.secret },
    ]) {
      await assert.rejects(app.start({ store, encryption: { secrets: [wrong] } }), (error) => {
        assert.ok(isGestaError(error, 'key_unreadable'))
        assert.doesNotMatch(error.message, /thirty-two/)
        return true
      })
    }
    await (await app.start({ store, encryption }))[Symbol.asyncDispose]()
  })

  test('is read under a new secret once the keys were rotated', async () => {
    await using folder = await newFolder()
    const store = sqlite(join(folder.path, 'store.db'))
    const next = { id: 'k2', secret: 'the next secret of at least thirty-two bytes' }
    {
      await using running = await app.start({ store, encryption })
      await running.dispatch(register(ann))
    }
    {
      await using running = await app.start({ store, encryption: { secrets: [next, secret] } })
      const { rewrapped, remaining } = await running.rotateKeys()
      assert.ok(rewrapped >= 2)
      assert.equal(remaining, 0)
    }
    await using running = await app.start({ store, encryption: { secrets: [next] } })
    const greeted = await running.dispatch(greet({ id: 'ann' }))
    assert.deepEqual(greeted.ok && greeted.result, { greeting: 'Hello Ann Unmistakable' })
  })
})
