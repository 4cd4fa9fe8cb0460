// `gesta views list`: the views that a store holds, those that nobody reads among them.
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { openStore, storeOptions } from '../open-store.ts'
import { rowsOf, storedViews } from '../stored-views.ts'
import { tableOf } from '../table.ts'

export const viewsList: Command = defineCommand({
  name: 'views list',
  operands: [],
  about: 'The views of read models that a store holds',
  details: 'A new version of a read model leaves the views of the old one behind: they are "older version" here.',
  options: storeOptions,
  run: async ({ values }, terminal) => {
    await using opened = await openStore(values, terminal)
    const views = await storedViews(opened.store)
    return { text: views.length === 0 ? 'No views.' : tableOf(rowsOf(views)), value: views }
  },
})
