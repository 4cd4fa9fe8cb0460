// Credentials are listed in one order on every backend, page by page, while others come and go.
import assert from 'node:assert/strict'
import type { CredentialFilter, CredentialKey } from '../../stores/credential/credential-store.ts'
import { compareText } from '../../stores/read-model/row-order.ts'
import { refused } from '../refused.ts'
import { credential, everyCredential, password, putAll } from './given.ts'
import type { CredentialStoreCase } from './given.ts'

const group = 'listing'
const keyOf = ({ tenant, kind, id }: CredentialKey): CredentialKey => ({ tenant, kind, id })
const textOf = ({ tenant, kind, id }: CredentialKey): string => JSON.stringify([tenant, kind, id])

export const listingCases: readonly CredentialStoreCase[] = [
  {
    group,
    name: 'credentials are listed by tenant, kind and id, in the order of code points',
    run: async ({ store }) => {
      const names = [' ', 'A', 'a', 'a ', 'aa', 'é', '\uffee', '\u{10000}']
      const keys = ['', 'a'].flatMap((tenant) => names.flatMap((kind) => names.map((id) => ({ tenant, kind, id }))))
      await putAll(
        store,
        keys.toReversed().map((key) => credential(key)),
      )
      for (const limit of [7, 1000]) assert.deepEqual((await everyCredential(store, {}, limit)).map(keyOf), keys)
      assert.deepEqual(
        (await everyCredential(store, { tenant: 'a', kind: 'é' }, 3)).map(({ id }) => id),
        names,
      )
    },
  },
  {
    group,
    name: 'the longest names are kept apart, and each is listed once',
    run: async ({ store }) => {
      const names = ['a', '€'.repeat(512), `${'€'.repeat(511)}x`, '\u{1f600}'.repeat(256), '*'.repeat(512)]
      const keys = names.flatMap((tenant) => names.flatMap((kind) => names.map((id) => ({ tenant, kind, id }))))
      await putAll(
        store,
        keys.map((key) => credential({ ...key, subject: key.id, sealedBy: key.id })),
      )
      const listed = (await everyCredential(store, {}, 7)).map(textOf)
      assert.deepEqual(listed.toSorted(compareText), keys.map(textOf).toSorted(compareText))
      for (const name of names.slice(1, 3))
        for (const filter of [{ tenant: name }, { kind: name }, { subject: name }, { sealedBy: name }])
          assert.equal((await everyCredential(store, filter, 4)).length, names.length ** 2)
      for (const name of names.slice(1, 3)) assert.equal(await store.removeOf('a', name), names.length)
      const gone = { tenant: 'a', kind: 'a', id: names[1] ?? '' }
      assert.equal(await store.get(gone), undefined)
      assert.equal((await store.get({ ...gone, tenant: names[2] ?? '' }))?.id, names[1])
    },
  },
  {
    group,
    name: 'a list is narrowed by tenant, kind, subject and sealing secret, alone and together, and counted when asked',
    run: async ({ store }) => {
      for (let at = 0; at < 16; at++) {
        const pick = (bit: number, texts: readonly [string, string]): string => texts[(at >> bit) & 1] ?? ''
        await store.put(
          credential({
            tenant: pick(0, ['', 't']),
            kind: pick(1, ['code', 'key']),
            subject: pick(2, ['ann', 'bob']),
            sealedBy: pick(3, ['s1', 's2']),
            id: `id-${at}`,
          }),
          0,
        )
      }
      const count = async (filter: CredentialFilter): Promise<readonly unknown[]> => {
        const { items, total, cursor } = await store.list(filter, { limit: 3, withTotal: true })
        return [items.length, total, cursor !== undefined, await store.total(filter)]
      }
      assert.deepEqual(await count({}), [3, 16, true, 16])
      for (const filter of [{ tenant: '' }, { kind: 'key' }, { subject: 'bob' }, { sealedBy: 's1' }])
        assert.deepEqual(await count(filter), [3, 8, true, 8])
      assert.deepEqual(await count({ tenant: 't', subject: 'ann' }), [3, 4, true, 4])
      assert.deepEqual(await count({ tenant: 't', kind: 'code', subject: 'ann', sealedBy: 's2' }), [1, 1, false, 1])
      assert.deepEqual(await count({ subject: 'nobody' }), [0, 0, false, 0])
      assert.equal((await store.list({})).total, undefined)
      assert.equal(await store.total(), 16)
      assert.equal((await store.list({}, { offset: 14 })).items.length, 2)
    },
  },
  {
    group,
    name: 'what comes and goes while a list is read neither repeats nor hides others',
    run: async ({ store }) => {
      const idOf = (at: number): string => `id-${String(at).padStart(2, '0')}`
      for (let at = 0; at < 40; at += 2) await store.put(credential({ id: idOf(at) }), 0)
      const met: string[] = []
      let cursor: string | undefined
      do {
        const page = await store.list({}, { limit: 3, cursor })
        for (const { id } of page.items) {
          met.push(id)
          await store.remove({ ...password, id })
          await store.put(credential({ id: `before-${id}` }), 0)
        }
        cursor = page.cursor
      } while (cursor !== undefined)
      assert.deepEqual(
        met,
        Array.from({ length: 20 }, (_, at) => idOf(2 * at)),
      )
    },
  },
  {
    group,
    name: 'what is sealed anew while it is listed by its secret is met once',
    run: async ({ store }) => {
      for (let at = 0; at < 25; at++) await store.put(credential({ id: `id-${at}` }), 0)
      let met = 0
      let cursor: string | undefined
      do {
        const page = await store.list({ sealedBy: 'secret-1' }, { limit: 10, cursor })
        for (const { version, ...found } of page.items) {
          assert.equal(await store.put({ ...found, sealedBy: 'secret-2', sealed: 'bmV3' }, version), true)
          met += 1
        }
        cursor = page.cursor
      } while (cursor !== undefined)
      assert.deepEqual([met, await store.total({ sealedBy: 'secret-1' })], [25, 0])
    },
  },
  {
    group,
    name: 'a page of long credentials may be short, and the list misses none',
    run: async ({ store }) => {
      const sealed = 'A'.repeat(131_072)
      for (let at = 10; at < 60; at++) await store.put(credential({ id: `id-${at}`, sealed }), 0)
      const found = await everyCredential(store, {}, 1000)
      assert.deepEqual(
        found.map(({ id }) => id),
        Array.from({ length: 50 }, (_, at) => `id-${at + 10}`),
      )
    },
  },
  {
    group,
    name: 'a cursor of another list, a limit out of bounds and a filter that is no key are refused',
    run: async ({ store }) => {
      for (const id of ['id-1', 'id-2']) await store.put(credential({ id }), 0)
      const { cursor = '' } = await store.list({}, { limit: 1 })
      await refused('invalid_cursor', [
        store.list({}, { cursor: 'x' }),
        store.list({ kind: 'password' }, { cursor }),
        store.list({ tenant: 'another' }, { cursor }),
      ])
      for (const limit of [0, 10_001]) await assert.rejects(store.list({}, { limit }), RangeError)
      await refused('invalid_key', [
        store.list({ tenant: 'a\0' }),
        store.list({ kind: '' }),
        store.list({ sealedBy: '' }),
        store.total({ subject: 'a\ud800' }),
        store.reset('a\0'),
      ])
    },
  },
  {
    group,
    name: 'info tells the port and how many there are',
    run: async ({ store }) => {
      for (const id of ['id-1', 'id-2']) await store.put(credential({ id }), 0)
      const { store: port, items, readOnly } = await store.info()
      assert.deepEqual([port, items, readOnly], ['credential', 2, false])
    },
  },
]
