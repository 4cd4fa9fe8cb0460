import { createApp, command, domain, handle, systemTenant } from '@gesta/core'
import { contracts, createIdentity } from '@gesta/identity'
import type { Mail } from '@gesta/identity'

const refund = command('Order.Refund', { description: 'Give money back' })
const orders = domain('Order', { permissions: 'authorized', handlers: [handle(refund, async () => {})] })

const mails: Mail[] = []
const mailer = { send: async (mail: Mail) => void mails.push(mail) }
const identity = createIdentity({ url: 'https://shop.example', mailer })
const shop = createApp('shop', { domains: [...identity.domains, orders] })

const encryption = { secrets: [{ id: '2026', secret: 'from where you keep secrets, 32 bytes or more' }] }
await using running = await shop.start({ encryption, directory: identity.directory })
await using opened = await identity.open(running)

// The first administrator, with the code that only whoever started the app has seen.
const first = contracts.auth.setUp({
  code: opened.setUpCode ?? '',
  email: 'root@shop.example',
  password: 'four green lorries idle',
  name: 'Root',
})
const signedIn = await running.dispatch(first)
if (!signedIn.ok) throw new Error(signedIn.rejection.reason)
const root = (await opened.callerOf(signedIn.result.accessToken)) ?? {}
console.log(root.tenant === systemTenant, (await running.dispatch(first)).ok)

// A tenant, a group that may give money back, and an invitation to it.
await running.dispatch(contracts.tenant.create({ tenantUuid: 'acme', name: 'Acme' }), { context: root })
const acme = running.as({ ...root, targetTenant: 'acme' })
const clerks = await acme.dispatch(contracts.group.create({ name: 'Clerks', permissions: ['Order.Refund'] }))
if (!clerks.ok) throw new Error(clerks.rejection.reason)
const groups = [clerks.result.groupUuid]
const invited = await acme.dispatch(contracts.invitation.invite({ email: 'ann@acme.example', groups }))
console.log(invited.ok)

// Who only has an account holds nothing in a tenant, and may look why.
const { allowed, path } = await running.permissions.explain({ account: 'ann', session: 's-1' }, 'Order.Refund')
console.log(allowed, path.at(-1)?.reason)
