// The same story in a real browser, whose cookies are all that says who asks: set up, join, order, be refused, lose the group.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { systemContext } from '@gesta/core'
import { chromiumForTests } from '@gesta/services'
import { chromium } from 'playwright-core'
import type { Page } from 'playwright-core'
import { temporaryFolder } from '../processes/script.ts'
import { password, servedWithPeople } from './people.ts'

const { skip, path } = await chromiumForTests()
const line = { code: '85123A', description: 'HEART', quantity: 6, pence: 255, at: '2011-12-09 12:50:00' }
const orderOf = (orderId: string) => ({ orderId, customerId: '14808', country: 'United Kingdom', lines: [line] })

/** A bound of the whole suite would leave `after` out, and the browser would keep the file running. */
const bounded = { timeout: 180_000 }

describe('people of the shop, in a browser', { skip }, () => {
  // What was opened is closed, also when what comes after it could not be had.
  const opened = new AsyncDisposableStack()
  let shop: Awaited<ReturnType<typeof servedWithPeople>>
  let root: Page
  let ann: Page
  const ids = { tenant: '', group: '', identity: '' }
  before(async () => {
    const folder = opened.use(await temporaryFolder())
    shop = opened.use(await servedWithPeople(folder.path))
    const browser = await chromium.launch({ executablePath: path(), args: ['--no-sandbox', '--disable-gpu'] })
    opened.defer(() => browser.close())
    const baseURL = `http://localhost:${new URL(shop.url).port}`
    // The pages of sign-in let no script ask for anything; one of the app's own would, and stands on the same origin.
    const person = async (): Promise<Page> => (await browser.newContext({ baseURL, bypassCSP: true })).newPage()
    root = await person()
    ann = await person()
  })
  after(() => opened.disposeAsync())

  /** What a script of the app's own page would do: no token is in its hands. */
  const ask = (page: Page, method: string, url: string, body?: unknown) =>
    page.evaluate<{ readonly status: number; readonly body: { readonly [field: string]: unknown } }>(
      `fetch(${JSON.stringify(url)}, { method: ${JSON.stringify(method)}, ${
        body === undefined
          ? ''
          : `headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(JSON.stringify(body))}`
      } }).then(async (answer) => ({ status: answer.status, body: JSON.parse((await answer.text()) || '{}') }))`,
    )
  const result = async (page: Page, method: string, url: string, body?: unknown): Promise<Record<string, unknown>> => {
    const answer = await ask(page, method, url, body)
    assert.equal(answer.status, 200, `${method} ${url}: ${JSON.stringify(answer.body)}`)
    return (answer.body['result'] ?? answer.body) as Record<string, unknown>
  }
  const send = async (page: Page, fields: { readonly [label: string]: string }, button: string): Promise<void> => {
    for (const [label, text] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(text)
    await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: button, exact: true }).click()])
  }

  test('the administrator sets the shop up, makes a tenant and a group, and invites Ann', bounded, async () => {
    await root.goto(`/set-up#${shop.setUpCode}`)
    await send(root, { 'Your name': 'Root', 'Email address': 'root@shop.example', Password: password }, 'Set up')
    ids.tenant = String((await result(root, 'POST', '/api/tenants', { name: 'Bakery' }))['tenantUuid'])
    const group = { name: 'tills', permissions: ['Order.Place'] }
    ids.group = String((await result(root, 'POST', `/api/tenants/${ids.tenant}/groups`, group))['groupUuid'])
    const invited = { email: 'ann@shop.example', groups: [ids.group] }
    await result(root, 'POST', `/api/tenants/${ids.tenant}/invitations`, invited)
  })

  test(
    'Ann joins by the link of the mail, signs out and in again, and acts as herself in the bakery',
    bounded,
    async () => {
      await ann.goto(`/invitation#${await shop.codeTo('ann@shop.example')}`)
      await send(ann, {}, 'Continue')
      await send(ann, { 'Your name': 'Ann', Password: password }, 'Make an account and accept')
      await shop.caughtUp()
      await ann.goto('/identity')
      await send(ann, {}, 'Sign out')
      await ann.goto('/sign-in')
      await send(ann, { 'Email address': 'ann@shop.example', Password: password }, 'Sign in')
      const [own] = (await ask(ann, 'GET', '/api/v1/auth/identities')).body as unknown as {
        readonly identity: string
      }[]
      ids.identity = own?.identity ?? ''
      assert.match(await ann.locator('main').innerText(), /You act as Ann of Bakery/)
    },
  )

  test('she places an order by her cookies alone, and is refused what her group does not hold', bounded, async () => {
    assert.equal((await ask(ann, 'POST', '/orders', orderOf('536366'))).status, 200)
    const described = await ask(ann, 'PUT', '/products/85123A/description', { description: 'WHITE HEART' })
    assert.deepEqual([described.status, described.body['code']], [403, 'permission_denied'])
    assert.equal(await ann.evaluate('document.cookie'), '')
  })

  test('she loses the group and is refused at once, and the audit log has it', bounded, async () => {
    const groups = `/api/tenants/${ids.tenant}/identities/${ids.identity}/groups`
    await result(root, 'DELETE', `${groups}/${ids.group}`)
    assert.equal((await ask(ann, 'POST', '/orders', orderOf('536367'))).status, 403)
    const { items } = await shop.running.audit.list(systemContext(ids.tenant), { action: 'Order.Place' })
    assert.deepEqual(
      items.map(({ outcome, actor }) => [outcome, actor]),
      [['denied', ids.identity]],
    )
  })
})
