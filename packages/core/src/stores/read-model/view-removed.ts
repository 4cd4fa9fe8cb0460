// The answer to whoever holds a view that was removed meanwhile: it is closed, like its store would be.
import { GestaError } from '../../errors/gesta-error.ts'
import type { ViewName } from './read-model-store.ts'

/** The error of every operation on a view that was removed. */
export function viewRemoved({ name, modelVersion, generation }: ViewName): GestaError {
  return new GestaError(
    'store_closed',
    `Expected generation ${generation} of the view ${name}, version ${modelVersion}, to be there, but it was removed. Read the plan, and open the generation that it names.`,
    { facts: { readModel: name, modelVersion, generation } },
  )
}
