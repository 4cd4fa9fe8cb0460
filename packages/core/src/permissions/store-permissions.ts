// The permissions of the stores behind an app: for callers of the SYSTEM tenant alone, and for none before their domains are registered.
const storeDomains: readonly string[] = ['StoreEvent', 'StoreCommand', 'StoreData', 'StoreCache', 'StoreLog']
const storeActions: readonly string[] = ['Info', 'Read', 'Update', 'Delete']

/** All twenty, such as `StoreEvent.Read`. */
export const storePermissions: ReadonlySet<string> = new Set(
  storeDomains.flatMap((domain) => storeActions.map((action) => `${domain}.${action}`)),
)
