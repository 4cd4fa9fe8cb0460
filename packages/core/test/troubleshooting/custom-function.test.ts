// docs/guides/troubleshooting.md, "Permission denied for a custom function": what is seen, where the reason stands, and what mends it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  anyOf,
  command,
  createApp,
  deny,
  domain,
  handle,
  isPermissionDenied,
  plainDirectory,
  systemContext,
} from '@gesta/core'
import type { Permission, Running } from '@gesta/core'
import { z } from 'zod'

const cancel = command('Order.Cancel', { input: z.object({ orderId: z.string(), hour: z.int() }) })
type Cancel = { readonly orderId: string; readonly hour: number }
const isOpen = ({ hour }: Cancel) => (hour < 12 ? deny('the office opens at noon') : undefined)

/** Wendy's group holds the permission that the command is called by. */
const directory = plainDirectory({
  tenants: {
    acme: { identities: { wendy: { groups: ['office'] } }, groups: { office: { permissions: ['Order.Cancel'] } } },
  },
})
const wendy = { tenant: 'acme', identity: 'wendy', account: 'w', session: 's' }

async function started(permission: Permission<Cancel>): Promise<Running<'Order.Cancel', never>> {
  const orders = domain('Order', {
    permissions: { 'Order.Cancel': permission },
    handlers: [handle(cancel, async () => {})],
  })
  return createApp('orders', { domains: [orders] }).start({ directory })
}
async function reasonOf(running: Running<'Order.Cancel', never>, hour: number): Promise<string | undefined> {
  try {
    await running.dispatch(cancel({ orderId: 'A-1', hour }), { context: wendy })
    return undefined
  } catch (error) {
    if (!isPermissionDenied(error)) throw error
    return error.facts.reason
  }
}

describe('permission denied for a custom function', () => {
  test('the function takes the place of the groups: whoever holds the permission is denied when it says no', async () => {
    await using running = await started(isOpen)
    assert.equal(await reasonOf(running, 9), 'the office opens at noon')
    assert.equal(await reasonOf(running, 13), undefined)
  })

  test('the reason stands in the error, the audit log and the command log; explaining it tells that a function decides', async () => {
    await using running = await started(isOpen)
    await reasonOf(running, 9)
    const [entry] = (await running.audit.list(systemContext('acme'), { tenant: 'acme', outcome: 'denied' })).items
    assert.equal((JSON.parse(entry?.data ?? '') as { readonly reason: string }).reason, 'the office opens at noon')
    const [record] = (await running.commandLog.list({ tenant: 'acme', statuses: ['denied'] })).items
    assert.equal(record?.permission?.reason, 'the office opens at noon')
    const { path } = await running.permissions.explain(wendy, 'Order.Cancel')
    assert.deepEqual([path[0]?.step, path[0]?.result], ['custom', 'passed'])
    assert.equal(running.permissions.find('Order.Cancel').custom, true)
  })

  test('one that throws denies, and its error is the cause; one that is mended allows', async () => {
    const broken = new TypeError('office is undefined')
    await using running = await started(() => {
      throw broken
    })
    await assert.rejects(running.dispatch(cancel({ orderId: 'A-1', hour: 13 }), { context: wendy }), (error: Error) => {
      assert.ok(isPermissionDenied(error))
      assert.equal(error.facts.reason, 'its check failed or did not answer in time')
      return error.cause === broken
    })
    await using mended = await started(() => undefined)
    assert.equal(await reasonOf(mended, 13), undefined)
  })

  test('one that answers true denies: nothing at all is what allows', async () => {
    await using running = await started((() => true) as never)
    assert.equal(await reasonOf(running, 13), 'its check did not allow it')
  })

  test("anyOf('authorized', ...) lets the groups suffice", async () => {
    await using running = await started(anyOf<Cancel>('authorized', isOpen))
    assert.equal(await reasonOf(running, 9), undefined)
  })
})
