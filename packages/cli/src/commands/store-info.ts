// `gesta store info`: what a store is and holds.
import type { OpenBackend } from '@gesta/core/ports'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { openStore, storeOptions } from '../open-store.ts'
import { rowsOf, storedViews } from '../stored-views.ts'
import { tableOf } from '../table.ts'

export const storeInfo: Command = defineCommand({
  name: 'store info',
  operands: [],
  about: 'What a store is and holds',
  details:
    'The store is opened as an app opens it, so one on SQLite must not be in use, and its tables are brought up to date.',
  options: storeOptions,
  run: async ({ values }, terminal) => {
    await using opened = await openStore(values, terminal)
    const { backend, store } = opened
    const { events, durability } = store
    const facts = {
      backend,
      incarnation: events.identity.incarnation,
      head: await events.head(),
      durability,
      readOnly: store.readOnly === true,
    }
    const totals = await totalsOf(store)
    const views = await storedViews(store)
    const lines = [...Object.entries(facts), ...Object.entries(totals)].map(([name, value]) => [name, String(value)])
    const list = views.length === 0 ? 'No views.' : tableOf(rowsOf(views))
    return { text: `${tableOf(lines)}\n\n${list}`, value: { ...facts, totals, views } }
  },
})

/** Items of every part of the store, all tenants together. */
async function totalsOf(store: OpenBackend): Promise<{ readonly [part: string]: number }> {
  const { events, commandLog, outbox, snapshots, keys, credentials, leases, data, cache, log, seen } = store
  const parts = { events, commands: commandLog, outbox, snapshots, keys, credentials, leases, data, cache, log, seen }
  const totals: { [part: string]: number } = {}
  for (const [name, part] of Object.entries(parts)) totals[name] = (await part.info()).items
  return totals
}
