// Permissions as the composition root wires them.
import { permissionPolicy } from '../permissions/middleware.ts'
import type { AppPermissions } from '../permissions/app-permissions.ts'
import type { Directory } from '../permissions/directory.ts'
import type { PermissionOptions } from '../permissions/options.ts'
import type { Middleware } from '../dispatch/engine.ts'
import type { Views } from '../dispatch/views.ts'
import type { OpenBackend } from '../stores/backend.ts'
import type { Alarms } from '../time/alarms.ts'
import type { Catalogue } from './catalogue.ts'

export interface PermissionParts {
  readonly catalogue: Catalogue
  readonly backend: OpenBackend
  readonly views: Views
  readonly alarms: Alarms
  readonly directory: Directory | undefined
  readonly options: PermissionOptions
}
export interface OpenedPermissions {
  readonly policy: Middleware
  readonly permissions: AppPermissions
}

export function openPermissions({ catalogue, alarms }: PermissionParts): OpenedPermissions {
  const missing = (): never => {
    throw new Error('permissions are being built')
  }
  return {
    policy: permissionPolicy(catalogue.permissions, alarms),
    permissions: {
      list: () => catalogue.entries,
      find: missing,
      holds: missing,
      explain: missing,
      require: missing,
      changed: missing,
    },
  }
}
