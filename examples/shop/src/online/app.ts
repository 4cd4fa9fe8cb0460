// The shop on the web: orders that wait for their payment, deliveries, a report every night; beside them what operators see.
import { auditDomain, configDomain, createApp, registerStorePermissions, runtimeDomain } from '@gesta/core'
import type { Config } from '@gesta/core'
import { checkoutDomain } from '../checkout/domain.ts'
import { reportDomain } from '../report/domain.ts'
import type { Settings } from './settings.ts'

/** `config`: what is in force is asked for each time, and operators may set it. */
export function onlineShop(config: Config<Settings>) {
  const operated = [runtimeDomain(), ...registerStorePermissions(), auditDomain(), configDomain(config)] as const
  return createApp('online-shop', { domains: [checkoutDomain(() => config.current), reportDomain, ...operated] })
}
