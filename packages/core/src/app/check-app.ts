// What can be wrong with a set of domains, told at set-up and in a sentence.
import { domainParts } from './domain.ts'
import type { AnyDomain } from './domain.ts'

/** Throws a plain error for names that clash. */
export function checkApp(name: string, domains: readonly AnyDomain[]): void {
  if (name === '') throw new Error('Expected an app to have a name, received an empty text.')
  unique(`the app ${name}`, 'domains', domains)
  const parts = domains.map(domainParts)
  unique(
    `the app ${name}`,
    'read models',
    parts.flatMap(({ readModels }) => readModels),
  )
  const aggregates = new Map<string, unknown>()
  for (const domain of parts) {
    for (const { aggregate } of domain.handlers.flatMap((handler) =>
      'aggregate' in handler ? [handler as { readonly aggregate: { readonly name: string } }] : [],
    )) {
      const other = aggregates.get(aggregate.name)
      if (other !== undefined && other !== aggregate)
        throw new Error(
          `The app ${name} has two aggregates named ${aggregate.name}. Bind commands to the one with all its .on(...), or rename one: their streams would be the same.`,
        )
      aggregates.set(aggregate.name, aggregate)
    }
  }
}

function unique(where: string, what: string, named: readonly { readonly name: string }[]): void {
  const seen = new Set<string>()
  for (const { name } of named) {
    if (seen.has(name)) throw new Error(`${where} has two ${what} named ${name}. Rename one.`)
    seen.add(name)
  }
}
