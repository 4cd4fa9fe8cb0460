// Permissions as the composition root wires them.
import { createAnswering } from '../permissions/answering.ts'
import type { AppPermissions } from '../permissions/app-permissions.ts'
import { changeEpoch } from '../permissions/change-epoch.ts'
import type { Directory } from '../permissions/directory.ts'
import { createEpochs } from '../permissions/epochs.ts'
import { permissionPolicy } from '../permissions/middleware.ts'
import type { PermissionOptions } from '../permissions/options.ts'
import { createPermissionRegistry } from '../permissions/registry.ts'
import { createResolver } from '../permissions/resolver.ts'
import type { Auditing } from '../dispatch/auditing.ts'
import type { Middleware } from '../dispatch/engine.ts'
import type { Views } from '../dispatch/views.ts'
import { checkOptions } from '../schema/options.ts'
import type { BackendRuntime, OpenBackend } from '../stores/backend.ts'
import { checkTenant, checkWhole } from '../stores/check-text.ts'
import type { Tokens } from '../stores/event/token.ts'
import type { Alarms } from '../time/alarms.ts'
import type { Catalogue } from './catalogue.ts'

export interface PermissionParts {
  readonly catalogue: Catalogue
  readonly backend: OpenBackend
  readonly runtime: BackendRuntime
  readonly views: Views
  readonly alarms: Alarms
  readonly tokens: Tokens
  readonly directory: Directory | undefined
  readonly options: PermissionOptions
  /** Wired after the permissions, which it asks itself. */
  auditing(): Auditing
}
export interface OpenedPermissions extends Disposable {
  readonly policy: Middleware
  readonly permissions: AppPermissions
}

const cachedDefault = 10_000

/** Errors: plain ones and a `RangeError`, for options out of bounds. */
export function checkPermissionOptions(
  options: PermissionOptions,
  directory: Directory | undefined,
  app: string,
): void {
  checkOptions(options, ['staleMs', 'cachedMax'], `The option permissions of ${app}`)
  checkWhole(options.staleMs ?? 0, 'option permissions.staleMs', 0, 60_000)
  checkWhole(options.cachedMax ?? cachedDefault, 'option permissions.cachedMax', 1, 1_000_000)
  if (directory === undefined) return
  for (const method of ['identity', 'group', 'hasWorkspace'] as const)
    if (typeof directory[method] !== 'function')
      throw new Error(`Expected the directory of ${app} to have the method ${method}, received something else.`)
}

export function openPermissions(parts: PermissionParts): OpenedPermissions {
  const { catalogue, backend, runtime, views, alarms, directory, options, auditing, tokens } = parts
  const { events: store } = backend
  const registry = createPermissionRegistry(catalogue.entries, catalogue.places)
  // What may not be written here is written by somebody else.
  const isShared = backend.shared === true || backend.readOnly === true
  const epochs = directory && createEpochs(store, alarms, isShared)
  const { staleMs = 0, cachedMax = cachedDefault } = options
  const resolver = directory && epochs && createResolver({ directory, registry, epochs, views, alarms, cachedMax })
  const shared = { registry, resolver, asksSessions: directory?.session !== undefined, alarms }
  return {
    policy: permissionPolicy({ ...shared, table: catalogue.permissions, epochs, staleMs }),
    permissions: {
      ...createAnswering({ ...shared, auditing }),
      changed: async (epoch, tenant = '') => {
        checkTenant(tenant)
        return changeEpoch({ store, tokens, ...runtime, unsure: () => epochs?.outdated() }, epoch, tenant)
      },
    },
    [Symbol.dispose]: () => epochs?.[Symbol.dispose](),
  }
}
