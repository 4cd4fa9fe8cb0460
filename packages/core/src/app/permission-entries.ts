// The registry of permissions as the domains of an app fill it: one entry per command and query, and those of their own.
import type { ContractParts } from '../contracts/contract.ts'
import { impliedBy } from '../permissions/implied.ts'
import { operatorPermissions } from '../permissions/operator-permissions.ts'
import type { CustomPermission, PermissionEntry } from '../permissions/permission-entry.ts'
import { erasePermission, rotateKeysPermission } from '../permissions/registry.ts'
import { storePermissions } from '../permissions/store-permissions.ts'
import { closest } from '../schema/options.ts'
import type { DomainParts } from './domain-parts.ts'

/** What every app can be asked, whatever its domains are. */
const always: readonly CustomPermission[] = [
  { name: erasePermission, description: 'Erase a subject of the tenant' },
  { name: rotateKeysPermission, description: 'Seal all keys of the app anew' },
]

/** Sorted by name. Errors: plain ones, for names that clash and for implied names that there are not. */
export function permissionEntries(domains: readonly DomainParts[]): readonly PermissionEntry[] {
  const entries = new Map<string, PermissionEntry>()
  const add = (entry: PermissionEntry, where: string): void => {
    if (entries.has(entry.name))
      throw new Error(`${where} registers the permission ${entry.name}, which there is already. Rename one.`)
    entries.set(entry.name, entry)
  }
  for (const domain of domains)
    for (const { contract } of domain.handlers)
      if (contract.kind === 'command' || contract.kind === 'query')
        add(entryOf(domain, contract), `The domain ${domain.name}`)
  for (const own of always) add(customEntry(own), 'gesta')
  // A contract of the same name takes the place of its entry.
  for (const own of operatorPermissions) if (!entries.has(own.name)) add(customEntry(own), 'gesta')
  for (const domain of domains)
    for (const own of domain.customPermissions) add(customEntry(own), `The domain ${domain.name}`)
  const direct = new Map([...entries].map(([name, { implies }]) => [name, implies]))
  for (const [name, implies] of direct)
    for (const implied of implies) if (!entries.has(implied)) throw notThere(name, implied, [...entries.keys()])
  const implied = impliedBy(direct)
  return [...entries.values()]
    .map((entry) => ({ ...entry, implies: implied.get(entry.name) ?? [] }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

function entryOf({ permissions }: DomainParts, { type, kind, description }: ContractParts): PermissionEntry {
  const permission = typeof permissions === 'string' ? permissions : permissions[type]
  const level = typeof permission === 'string' ? permission : 'custom'
  return {
    ...nameParts(type),
    kind: storePermissions.has(type) ? 'store' : kind === 'command' ? 'command' : 'query',
    description: description ?? type,
    level,
    custom: level === 'custom',
    implies: [],
  }
}

function customEntry({ name, description = name, implies = [] }: CustomPermission): PermissionEntry {
  return { ...nameParts(name), kind: 'custom', description, level: 'authorized', custom: false, implies }
}

function nameParts(name: string): Pick<PermissionEntry, 'name' | 'domain' | 'type'> {
  const dot = name.indexOf('.')
  return { name, domain: name.slice(0, dot), type: name.slice(dot + 1) }
}

function notThere(name: string, implied: string, known: readonly string[]): Error {
  const near = closest(implied, known)
  const hint = near === undefined ? 'Register it, or leave it out.' : `Did you mean "${near}"?`
  return new Error(`The permission ${name} implies ${implied}, which nobody registers. ${hint}`)
}
