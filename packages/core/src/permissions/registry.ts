// The registry of permissions: every entry of an app by name, and what names in groups stand for.
import { GestaError } from '../errors/gesta-error.ts'
import { systemTenant } from '../request-context/system-context.ts'
import { closest } from '../schema/options.ts'
import { hold, holdAll, noneHeld } from './held.ts'
import type { Held } from './held.ts'
import type { PermissionEntry } from './permission-entry.ts'
import type { Level } from './permission.ts'
import { storePermissions } from './store-permissions.ts'

/** An entry as the order of authorization asks for it. */
export interface AskedPermission {
  readonly entry: PermissionEntry
  readonly level: Level | 'custom'
  /** Its bit in a set. */
  readonly index: number
  /** Only callers of the SYSTEM tenant may ever have it. */
  readonly isSystems: boolean
  /** Where the data of the contract lies, whoever asks. */
  readonly tenant: string | undefined
  /** Only system administrators may ever have it, whatever groups hold. */
  readonly isAdministrators: boolean
}
export interface PermissionRegistry {
  /** Sorted by name. */
  readonly entries: readonly PermissionEntry[]
  /** Errors: `permission_unknown`. */
  find(name: string): AskedPermission
  /** What names, `Domain.*` and `*` stand for, with all that they imply. A name that nobody registered stands for nothing. */
  held(names: readonly string[]): Held
}

/** Permissions that no domain of an app has to register. */
export const erasePermission = 'Gesta.Erase'
export const rotateKeysPermission = 'Gesta.RotateKeys'

/** What concerns the app as a whole, whatever a group of another tenant names. */
const systems: ReadonlySet<string> = new Set([rotateKeysPermission, 'Runtime.ControlEventHandler', 'Runtime.Trace'])
/** Whoever may act as anybody may do everything, and nobody else may be given that much. */
const administrators: ReadonlySet<string> = new Set(['Runtime.ReissueCommand'])

/** Over the entries of an app, which name each other rightly. `places`: whose data a contract concerns, where its domain says so. */
export function createPermissionRegistry(
  entries: readonly PermissionEntry[],
  places: ReadonlyMap<string, string> = new Map(),
): PermissionRegistry {
  const sorted = entries.toSorted(byName)
  const asked = new Map(
    sorted.map((entry, index): [string, AskedPermission] => [
      entry.name,
      {
        entry,
        level: entry.level,
        index,
        isSystems: systems.has(entry.name) || places.get(entry.name) === systemTenant,
        tenant: places.get(entry.name),
        isAdministrators: entry.kind === 'store' || administrators.has(entry.name),
      },
    ]),
  )
  const withImplied = sorted.map((entry, index) => {
    const held = noneHeld(sorted.length)
    hold(held, index)
    for (const name of entry.implies) hold(held, asked.get(name)?.index ?? index)
    return held
  })
  return {
    entries: sorted,
    find: (name) => {
      const found = asked.get(name)
      if (found === undefined) throw unknownPermission(name, [...asked.keys()])
      return found
    },
    held: (names) => {
      const held = noneHeld(sorted.length)
      for (const name of names) {
        const one = asked.get(name)
        if (one !== undefined) holdAll(held, withImplied[one.index] as Held)
        else if (name.endsWith('*'))
          for (const [index, entry] of sorted.entries())
            if (isMeant(name, entry)) holdAll(held, withImplied[index] as Held)
      }
      return held
    },
  }
}

function isMeant(pattern: string, { domain, kind }: PermissionEntry): boolean {
  return pattern === '*' ? kind !== 'store' : pattern === `${domain}.*`
}

function byName(one: PermissionEntry, other: PermissionEntry): number {
  return one.name < other.name ? -1 : 1
}

function unknownPermission(name: string, known: readonly string[]): GestaError {
  const near = closest(name, known)
  const mend = storePermissions.has(name)
    ? 'It is a permission of a store: add the domains that registerStorePermissions() returns to the app.'
    : near === undefined
      ? "It is the name of a command, a query or one of a domain's customPermissions."
      : `Did you mean "${near}"?`
  return new GestaError('permission_unknown', `The app has no permission ${name}. ${mend}`, {
    facts: { permission: name },
  })
}
