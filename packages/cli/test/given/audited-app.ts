// The app of tests of the audit log: what its orders cost is nobody's secret, and what changes it is audited.
import { auditDomain, command, createApp, domain, handle } from '@gesta/core'
import { z } from 'zod'

export const cancel = command('Order.Cancel', { input: z.object({ orderId: z.string() }), audited: true })
const orders = domain('Order', { permissions: 'anonymous', handlers: [handle(cancel, async () => {})] })
export const audited = createApp('audited', { domains: [orders, auditDomain()] })
