// The one place where the registry asks a global: ids of events when `createRegistry` was given no `newId`.
// An app passes its own source, so that tests and simulations decide every id.

export function defaultNewId(): string {
  return crypto.randomUUID()
}
