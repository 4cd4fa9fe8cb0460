// `gesta views remove`: removes views of a version that nobody needs any more.
import type { OpenBackend } from '@gesta/core/ports'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { openStore, storeOptions } from '../open-store.ts'
import { needed, wholeNumber } from '../option-values.ts'
import { storedViews } from '../stored-views.ts'
import type { StoredView } from '../stored-views.ts'
import { UsageError } from '../usage-error.ts'

export const viewsRemove: Command = defineCommand({
  name: 'views remove',
  operands: ['NAME'],
  about: 'Removes the views of one version of a read model',
  details:
    'They are gone with their parked events. An app that has this version builds it from the log when it starts again; one that runs\nwith it meanwhile answers with store_closed.',
  options: {
    ...storeOptions,
    version: { value: 'N', about: 'the version of the read model' },
    generation: { value: 'G', about: 'only this generation, which must be left over' },
    yes: { about: 'also when it is the newest version' },
  },
  run: async ({ operands: [name = ''], values }, terminal) => {
    const version = needed('version', wholeNumber('version', values.version, 1))
    const generation = wholeNumber('generation', values.generation, 1)
    await using opened = await openStore(values, terminal)
    const { store } = opened
    const views = (await storedViews(store)).filter((view) => view.name === name && view.modelVersion === version)
    if (generation === undefined) await removeVersion(store, views, values.yes === true)
    const removed = generation === undefined ? views : await removeGeneration(store, views, generation)
    if (removed.length === 0)
      throw new Error(
        `There is no such view of "${name}" in version ${version}. "gesta views list" shows what there is.`,
      )
    const generations = removed.map((view) => view.generation)
    const text = `Removed ${name}, version ${version}, generation ${generations.join(', ')}.`
    return { text, value: { name, modelVersion: version, generations } }
  },
})

/** All views of a version, and its plan. */
async function removeVersion(
  { readModels }: OpenBackend,
  views: readonly StoredView[],
  isMeant: boolean,
): Promise<void> {
  const [first] = views
  if (first === undefined) return
  if (first.newestVersion && !isMeant)
    throw new UsageError(
      `Version ${first.modelVersion} is the newest one of "${first.name}": the app has to build it from the log again. Say --yes if that is meant.`,
    )
  // The plan first: one that names a view which is gone would have an empty one read in its place, and nothing would show it.
  await readModels.removePlan(first.name, first.modelVersion)
  for (const { name, modelVersion, generation } of views) await readModels.remove({ name, modelVersion, generation })
}

async function removeGeneration(
  { readModels }: OpenBackend,
  views: readonly StoredView[],
  generation: number,
): Promise<readonly StoredView[]> {
  const found = views.filter((view) => view.generation === generation)
  for (const { name, modelVersion, use } of found) {
    if (use !== 'left over')
      throw new Error(
        `Generation ${generation} of "${name}" is ${use}, so it is not removed alone. Leave --generation out to remove the whole version, or give up what is being built: gesta read-model cancel ${name}`,
      )
    await readModels.remove({ name, modelVersion, generation })
  }
  return found
}
