// `gesta store fork`: gives a log a new incarnation, after a backup was restored.
import type { OpenBackend } from '@gesta/core/ports'
import { GestaError } from '@gesta/core/host'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { openStore, storeOptions } from '../open-store.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'

const consequences = `A fork is what has to be done once after a backup was restored. From then on these are refused by name, as "diverged":
tokens and entity tags that clients hold, snapshots, views of read models, and the places of durable subscribers.`
const rebuilding =
  'All views and their plans were removed, with the parked events in them: the next start of the app builds them from the log.'
const notRebuilding =
  'Views are diverged until they are restored from zero ("gesta read-model restore NAME --from-zero") or removed ("gesta views remove"; --rebuild-views would have removed them all), and then built by the next start of the app.'

export const storeFork: Command = defineCommand({
  name: 'store fork',
  operands: [],
  about: 'Gives the log a new incarnation, after a backup was restored',
  details: `${consequences}\nNo app may run on the store meanwhile.`,
  options: {
    ...storeOptions,
    yes: { about: 'do it without asking' },
    'rebuild-views': { about: 'also remove all views, so that the next start of the app builds them' },
  },
  run: async ({ values }, terminal) => {
    await using opened = await openStore(values, terminal)
    const { store } = opened
    if (values.yes === undefined) await askFirst(terminal)
    if (store.readModels.isShared) await refuseInUse(store, terminal)
    const from = store.events.identity.incarnation
    const { incarnation: to } = await store.events.fork()
    const rebuild = values['rebuild-views'] === true
    const viewsRemoved = rebuild ? await removeViews(store) : 0
    const text = `The log was forked.\nold incarnation  ${from}\nnew incarnation  ${to}\n\n${rebuild ? rebuilding : notRebuilding}`
    return { text, value: { from, to, viewsRemoved } }
  },
})

async function askFirst(terminal: Terminal): Promise<void> {
  if (!terminal.canAsk)
    throw new UsageError(
      'Expected --yes, because nobody can be asked here. "gesta help store fork" says what follows from a fork.',
    )
  terminal.note(consequences)
  if (!(await terminal.confirm('Fork the log?'))) throw new Error('Nothing was changed.')
}

/** Whoever has a shared store open cannot be seen, only who owns something in it. A store for one process at a time is locked anyway. */
async function refuseInUse({ leases }: OpenBackend, terminal: Terminal): Promise<void> {
  const held = await leases.list()
  if (held.length > 0) {
    const until = new Date(Math.max(...held.map(({ expiresAt }) => expiresAt)) / 1000).toISOString()
    throw new GestaError(
      'store_locked',
      `Expected no app to run on the store, but leases are held: ${held.map(({ name }) => name).join(', ')}. Stop all processes; leases of one that was killed end by ${until}.`,
    )
  }
  terminal.note('Processes that own nothing in the store cannot be seen from here: make sure that none runs on it.')
}

async function removeViews({ readModels }: OpenBackend): Promise<number> {
  const views = await readModels.views()
  // The plans first: one that names a view which is gone would have an empty one read in its place.
  for (const { name, modelVersion } of views) await readModels.removePlan(name, modelVersion)
  for (const view of views) await readModels.remove(view)
  return views.length
}
