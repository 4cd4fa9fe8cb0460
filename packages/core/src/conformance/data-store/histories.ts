// Whatever is done in whatever order, the store holds what a map would hold; and what it holds outlives the process, where it can.
import assert from 'node:assert/strict'
import { numbersOf } from '../random-numbers.ts'
import { everyPage, key, sha256, tenant, text, textAt } from './given.ts'
import type { DataStoreCase } from './given.ts'
import { dataSteps, playDataSteps } from './steps.ts'

export const historyCases: readonly DataStoreCase[] = [
  ...[1, 2, 3].map((seed): DataStoreCase => ({
    group: 'histories',
    name: `any sequence of sets, copies, deletes, lists and resets is what a map would hold, in every tenant (${seed})`,
    run: ({ store }) => playDataSteps(store, dataSteps(numbersOf(seed, 60))),
  })),
  {
    group: 'reopening',
    needs: 'durable',
    name: 'everything is there when the store is opened again',
    run: async ({ store, reopen }) => {
      await store.set({ ...text('one', key('a')), isPublic: true })
      await store.set(text('two', key('b', 'x'.repeat(400))))
      await store.set(text('three', key('c')))
      await store.copy(key('c'), { bucket: 'copies', object: 'c' })
      await store.delete(key('c'))
      const before = await everyPage(store, { tenant }, 10)
      const usage = await store.usage()
      const opened = await reopen()
      assert.deepEqual(await everyPage(opened, { tenant }, 10), before)
      assert.deepEqual(await opened.usage(), usage)
      assert.equal(await textAt(opened, key('a')), 'one')
      assert.equal(await textAt(opened, key('b', 'x'.repeat(400))), 'two')
      assert.equal(await textAt(opened, key('c', 'copies')), 'three')
      assert.equal(await textAt(opened, key('c')), undefined)
    },
  },
  {
    group: 'sharing',
    needs: 'shared',
    name: 'what one writes the other reads',
    run: async ({ store, another }) => {
      const other = await another()
      await store.set(text('one', key('a')))
      assert.equal(await textAt(other, key('a')), 'one')
      await other.set(text('two', key('a')))
      assert.equal(await textAt(store, key('a')), 'two')
      assert.equal(await other.delete(key('a')), true)
      assert.equal(await store.get(key('a')), undefined)
      assert.equal(await store.delete(key('a')), false)
    },
  },
  {
    group: 'sharing',
    needs: 'shared',
    name: 'two that write, delete and reset at once leave whole objects, and no call fails',
    run: async ({ store, another }) => {
      const other = await another()
      const contents = Array.from({ length: 10 }, (_, index) => String(index).repeat(50_000 + index))
      await Promise.all(
        contents.flatMap((content, index) => {
          const each = index % 2 === 0 ? store : other
          return [
            each.set(text(content, key('a'))),
            each.set(text(content, key(`own-${index}`, `bucket-${index}`))),
            each.copy(key('a'), { bucket: 'copies', object: 'a' }),
            each.delete(key('b')),
            each.reset('tenant-2'),
            each.set(text(content, key('a', 'reports', 'tenant-2'))),
            other.list({ tenant }),
            store.get(key('a')).then((found) => found && assert.equal(found.hash, sha256(found.content))),
          ]
        }),
      )
      assert.ok(contents.includes((await textAt(store, key('a'))) ?? ''))
      for (const [index, content] of contents.entries())
        assert.equal(await textAt(store, key(`own-${index}`, `bucket-${index}`)), content)
    },
  },
]
