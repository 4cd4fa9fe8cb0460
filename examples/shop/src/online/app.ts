// The shop on the web: orders that wait for their payment, deliveries, a report every night; beside them what operators see.
import { auditDomain, createApp, registerStorePermissions, runtimeDomain } from '@gesta/core'
import { checkoutDomain } from '../checkout/domain.ts'
import { reportDomain } from '../report/domain.ts'
import type { Settings } from './settings.ts'

/** `settings`: those that are in force, asked for each time. */
export function onlineShop(settings: () => Settings) {
  const operated = [runtimeDomain(), ...registerStorePermissions(), auditDomain()] as const
  return createApp('online-shop', { domains: [checkoutDomain(settings), reportDomain, ...operated] })
}
