// What can be wrong with a set of domains, told at set-up and in a sentence.
import { domainParts } from './domain.ts'
import type { AnyDomain } from './domain.ts'

/** Throws a plain error for names that clash. */
export function checkApp(name: string, domains: readonly AnyDomain[]): void {
  if (name === '') throw new Error('Expected an app to have a name, received an empty text.')
  unique(name, 'domains', domains)
  unique(
    name,
    'read models',
    domains.flatMap((domain) => domainParts(domain).readModels),
  )
  unique(
    name,
    'subscribers and process managers',
    domains.flatMap((domain) => [...domainParts(domain).subscribers, ...domainParts(domain).processManagers]),
  )
  unique(
    name,
    'crons',
    domains.flatMap((domain) => domainParts(domain).crons),
  )
}

function unique(app: string, what: string, named: readonly { readonly name: string }[]): void {
  const seen = new Set<string>()
  for (const { name } of named) {
    if (seen.has(name)) throw new Error(`The app ${app} has two ${what} named ${name}. Rename one.`)
    seen.add(name)
  }
}
