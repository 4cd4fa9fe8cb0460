// What a store says that may not be changed: which store, which operation, and what would have to be different.
import { GestaError } from '../errors/gesta-error.ts'

/** The error of a store that is open for reading only. `store` is the port's name, `operation` the method's. */
export function storeReadOnly(store: string, operation: string): GestaError {
  return new GestaError(
    'store_read_only',
    `Expected to change the ${store} store, but it is open for reading only, so it refuses ${operation}. Send changes to the process that may write.`,
    { facts: { store, operation } },
  )
}

/** The error of an event store that was not opened for changing what is stored. */
export function rewritingRefused(operation: 'rewrite' | 'reset'): GestaError {
  return new GestaError(
    'store_read_only',
    `Expected the event store to be opened with allowRewriting, but it was not, so it refuses ${operation}. Stored events stay as they are; open a store of your own with allowRewriting: true if this one may change.`,
    { facts: { store: 'event', operation } },
  )
}
