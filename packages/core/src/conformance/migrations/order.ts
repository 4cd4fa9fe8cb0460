// What runs, and when: modules after those that they depend on, numbers one after the other, nothing twice.
import assert from 'node:assert/strict'
import { createTable, insert, marks, moduleOf, run } from './given.ts'
import type { MigrationCase } from './given.ts'

const group = 'order'
const journal = 'SELECT entry FROM journal ORDER BY entry'
const log = moduleOf('log', [[createTable('journal')], [insert('journal', 'log 2')]])
const groups = moduleOf('groups', [[insert('journal', 'groups 1')]], ['log'])
const accounts = moduleOf('accounts', [[insert('journal', 'accounts 1')]], ['groups'])

export const orderCases: readonly MigrationCase[] = [
  {
    group,
    name: 'modules run after those that they depend on, and their migrations by number, whatever order they are given in',
    run: async (place) => {
      assert.deepEqual(marks(await run(place, [accounts, log, groups])), ['log 1', 'log 2', 'groups 1', 'accounts 1'])
      assert.deepEqual(await place.texts(journal), ['accounts 1', 'groups 1', 'log 2'])
    },
  },
  {
    group,
    name: 'what is up to date is left alone',
    run: async (place) => {
      await run(place, [log, groups])
      assert.deepEqual(await run(place, [groups, log]), [])
      assert.deepEqual(await place.texts(journal), ['groups 1', 'log 2'])
    },
  },
  {
    group,
    name: 'a later version adds what is new: migrations of old modules, and modules',
    run: async (place) => {
      await run(place, [moduleOf('log', [[createTable('journal')]]), groups])
      assert.deepEqual(marks(await run(place, [log, groups, accounts])), ['log 2', 'accounts 1'])
      assert.deepEqual(await place.texts(journal), ['accounts 1', 'groups 1', 'log 2'])
    },
  },
  {
    group,
    name: 'the statements of a migration run in their order, and one entry may hold several',
    run: async (place) => {
      const several = `${createTable('journal')};\n-- a comment; with a semicolon\n${insert('journal', 'a;b')};\n`
      await run(place, [moduleOf('log', [[several, insert('journal', 'c'), "DELETE FROM journal WHERE entry = 'c'"]])])
      assert.deepEqual(await place.texts(journal), ['a;b'])
    },
  },
]
