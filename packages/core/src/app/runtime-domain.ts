// The domains that describe a running app: an app has them when it lists them.
import { runtimeCustomPermissions, runtimeHandlers, runtimePermissions } from '../runtime-domain/answering.ts'
import type { RuntimeContract } from '../runtime-domain/contracts.ts'
import { streamLimits } from '../runtime-domain/stream-limits.ts'
import type { StreamLimitOptions } from '../runtime-domain/stream-limits.ts'
import { checkOptions } from '../schema/options.ts'
import { domain } from './domain.ts'
import type { Domain } from './domain.ts'

export interface RuntimeDomainOptions {
  /** The runtime event stream: how many may be open, and how often permissions are looked at. */
  readonly stream?: StreamLimitOptions | undefined
}

/**
 * The domain `Runtime`: what the app is made of, how it is, and what operators tell it, as queries and commands like any other.
 * Errors: plain ones, at set-up. Reference: docs/reference/runtime.md.
 */
export function runtimeDomain(options: RuntimeDomainOptions = {}): Domain<'Runtime', RuntimeContract> {
  checkOptions(options, ['stream'], 'runtimeDomain()')
  const limits = streamLimits(options.stream)
  const runtime = domain('Runtime', {
    handlers: runtimeHandlers,
    permissions: runtimePermissions,
    roles: ['any'],
    customPermissions: runtimeCustomPermissions,
  })
  return Object.assign(runtime, { streamLimits: limits })
}
