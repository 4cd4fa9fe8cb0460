// The entry of a permission by its name, of an app before or after it has started.
import type { AppPermissions } from '../permissions/app-permissions.ts'
import type { PermissionEntry } from '../permissions/permission-entry.ts'
import { createPermissionRegistry } from '../permissions/registry.ts'
import { domainParts } from './domain.ts'
import type { AnyDomain } from './domain.ts'
import { permissionEntries } from './permission-entries.ts'

/**
 * The entry of the registry.
 * @param app what `createApp(...)` returned, or what its `start()` resolved to.
 * Errors: `permission_unknown`; for a permission of a store it names `registerStorePermissions`. Reference: docs/reference/permissions.md.
 */
export function findPermission(
  app: { readonly domains: readonly AnyDomain[] } | { readonly permissions: AppPermissions },
  name: string,
): PermissionEntry {
  if ('permissions' in app) return app.permissions.find(name)
  return createPermissionRegistry(permissionEntries(app.domains.map(domainParts))).find(name).entry
}
