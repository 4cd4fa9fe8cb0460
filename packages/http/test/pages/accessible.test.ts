// Every page as people meet it, with what goes wrong on it: no rule of axe is broken, in light and dark, wide and narrow.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { assertAccessible, follow, newPerson, openBrowser, skip } from './browser.ts'
import { callerOf, contracts, rateLimited, serveFakeIdentity, tokens } from './fake-identity.ts'
import type { FakeIdentity } from './fake-identity.ts'

/** A bound of the whole suite would leave `after` out, and the browser would keep the file running. */
const bounded = { timeout: 300_000 }

describe('every page is accessible', { skip }, () => {
  let browser: Browser
  let served: FakeIdentity
  let page: Page
  before(async () => {
    browser = await openBrowser()
    served = await serveFakeIdentity({
      pages: { name: 'Corner Shop' },
      sessions: { callerOf, contracts, passwordLengthMin: 12 },
    })
    page = (await newPerson(browser, served.url)).page
  })
  after(async () => {
    await browser.close()
    await served[Symbol.asyncDispose]()
  })
  const submit = async (fields: { readonly [name: string]: string }): Promise<void> => {
    for (const [name, text] of Object.entries(fields)) await page.fill(`[name=${name}]`, text)
    await follow(page, () => page.locator('main form button:not([type])').first().click())
  }
  /** A browser sets the focus a moment after it has loaded a page. */
  const focused = async (): Promise<string> => {
    await page.waitForFunction('document.activeElement !== document.body')
    return page.evaluate('document.activeElement.id || document.activeElement.textContent')
  }
  const typed = { email: 'anna@shop.example', password: 'anything at all' }

  for (const path of [
    '/sign-in',
    '/set-up#a.b.c',
    '/invitation#a.b.c',
    '/verify#a.b.c',
    '/verify/done',
    '/forgot-password',
    '/forgot-password/sent',
    '/reset-password#a.b.c',
    '/reset-password/done',
    '/sign-out',
  ])
    test(path, bounded, async () => {
      await page.goto(path)
      await assertAccessible(page)
    })

  test('text of twice the size, and four times the zoom, need no scrolling sideways', bounded, async () => {
    await page.setViewportSize({ width: 320, height: 256 })
    await page.goto('/set-up')
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert.equal(await page.evaluate('document.documentElement.scrollWidth <= 320'), true)
  })

  test('what is wrong is said at its field, where the cursor stands, and in the title', bounded, async () => {
    served.say({ 'Auth.Login': { no: 'invalid_credentials' } })
    await page.goto('/sign-in')
    await submit(typed)
    assert.equal(await focused(), 'password')
    assert.equal(await page.getAttribute('#password', 'aria-invalid'), 'true')
    assert.equal(await page.getAttribute('#password', 'aria-describedby'), 'password-error')
    assert.match(await page.title(), /^Error: Sign in/)
    await assertAccessible(page)
  })

  test('what is wrong with no field in particular is said before them, where the cursor stands', bounded, async () => {
    served.say({ 'Auth.Login': rateLimited(125_000) })
    await page.goto('/sign-in')
    await submit(typed)
    assert.equal(await focused(), 'That was tried too often. Try again in 3 minutes.')
    await assertAccessible(page)
  })

  test('the second step, and a wrong code', bounded, async () => {
    served.say({ 'Auth.Login': { no: 'second_factor_required' } })
    await page.goto('/sign-in')
    await submit(typed)
    await assertAccessible(page)
    await submit({ code: '123456' })
    assert.equal(await focused(), 'code')
    await assertAccessible(page)
  })

  test('the choice of an identity: of none, of one that is chosen, of several', bounded, async () => {
    const choices = ['Bakery', 'Brewery'].map((name) => ({
      tenant: name,
      tenantName: name,
      identity: name,
      name: 'Anna',
    }))
    served.say({ 'Auth.Login': { result: tokens() }, 'Auth.Identities': { result: [] } })
    await page.goto('/sign-in')
    await submit(typed)
    await assertAccessible(page)
    served.say({ 'Auth.Identities': { result: choices } })
    await page.reload()
    await assertAccessible(page)
    const chosen = { ...choices[0], tenant: 'tenant-1', identity: 'Bakery' }
    served.say({
      'Auth.SelectIdentity': { result: tokens('Bakery') },
      'Auth.Identities': { result: [chosen, choices[1]] },
    })
    await submit({})
    assert.match(await page.locator('main').innerText(), /You act as Anna of Bakery/)
    await assertAccessible(page)
    await page.goto('/sign-out')
    await assertAccessible(page)
  })

  test('an invitation, for who is signed in and for who is not', bounded, async () => {
    served.say({
      'Auth.Invitation': { result: { tenant: 'tenant-1', tenantName: 'Bakery', expiresAt: '2999-01-01T00:00:00Z' } },
      'Account.Me': { result: { email: 'anna@shop.example' } },
      'Account.RegisterInvited': { no: 'password_common' },
    })
    await page.goto('/invitation#a.b.c')
    await submit({})
    await assertAccessible(page)
    await page.context().clearCookies({ name: /access|refresh/ })
    await page.reload()
    await assertAccessible(page)
    await submit({ name: 'Anna', password: 'password' })
    assert.equal(await focused(), 'password')
    await assertAccessible(page)
  })

  test('what the server could not do', bounded, async () => {
    served.say({ 'Auth.Identities': new Error('broken') })
    await page.goto('/identity')
    await assertAccessible(page)
  })

  test('a password can be shown, and hidden again', bounded, async () => {
    await page.goto('/sign-in')
    await page.fill('#password', 'anything at all')
    await page.getByRole('button', { name: 'Show password' }).click()
    assert.equal(await page.getAttribute('#password', 'type'), 'text')
    await page.getByRole('button', { name: 'Hide password' }).click()
    assert.equal(await page.getAttribute('#password', 'type'), 'password')
  })

  test('fields say what belongs in them to whoever fills them in', bounded, async () => {
    const asked = {
      '/sign-in': ['username', 'current-password'],
      '/set-up': ['one-time-code', 'name', 'username', 'new-password'],
    }
    for (const [path, expected] of Object.entries(asked)) {
      await page.goto(path)
      const found = await page
        .locator('input:not([type=hidden])')
        .evaluateAll((all) => all.map((one) => one.getAttribute('autocomplete')))
      assert.deepEqual(found, expected)
    }
    assert.match(await page.locator('#password-hint').innerText(), /At least 12 characters/)
  })
})
