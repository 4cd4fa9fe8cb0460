// Several tabs of one browser, on the real identity: a session that is refreshed by all of them at once goes on.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, BrowserContext } from 'playwright-core'
import { newPerson, openBrowser, skip } from './browser.ts'
import { press, type } from './keyboard.ts'
import { password, serveRealIdentity } from './real-identity.ts'
import type { RealIdentity } from './real-identity.ts'

/** A bound of the whole suite would leave `after` out, and the browser would keep the file running. */
const bounded = { timeout: 120_000 }

describe('several tabs', { skip }, () => {
  let browser: Browser
  let served: RealIdentity
  let context: BrowserContext
  before(async () => {
    browser = await openBrowser()
    served = await serveRealIdentity()
    const person = await newPerson(browser, served.url)
    context = person.context
    await person.page.goto(`/set-up#${served.setUpCode}`)
    await type(person.page, { 'Your name': 'Root', 'Email address': 'root@shop.example', Password: password })
    await press(person.page, 'Set up')
  })
  after(async () => {
    await browser.close()
    await served[Symbol.asyncDispose]()
  })
  const refreshToken = async (): Promise<string | undefined> =>
    (await context.cookies()).find(({ name }) => name === '__Host-gesta-refresh')?.value

  test('that refresh at once stay signed in, time after time', bounded, async () => {
    const tabs = await Promise.all(Array.from({ length: 5 }, () => context.newPage()))
    for (let round = 0; round < 3; round++) {
      const old = await refreshToken()
      // As if the access token had run out.
      await context.clearCookies({ name: '__Host-gesta-access' })
      await Promise.all(tabs.map((tab) => tab.goto('/identity')))
      for (const tab of tabs) assert.match(await tab.locator('main').innerText(), /You act as Root of System/)
      assert.notEqual(await refreshToken(), old)
    }
  })

  test('are all signed out by one of them', bounded, async () => {
    const [one, other] = [await context.newPage(), await context.newPage()]
    await Promise.all([one.goto('/identity'), other.goto('/identity')])
    await press(one, 'Sign out')
    await other.reload()
    assert.equal(await other.locator('h1').textContent(), 'Sign in')
  })

  test('keep nothing of a session that has ended elsewhere', bounded, async () => {
    const page = await context.newPage()
    await page.goto('/sign-in')
    await type(page, { 'Email address': 'root@shop.example', Password: password })
    await press(page, 'Sign in')
    await served.run('Auth.EndAllSessions', undefined, await served.signedIn('root@shop.example'))
    await page.goto('/identity')
    assert.equal(await page.locator('h1').textContent(), 'Sign in')
    await context.clearCookies({ name: '__Host-gesta-access' })
    await page.goto('/identity')
    assert.equal(await page.locator('h1').textContent(), 'Sign in')
    assert.equal(await refreshToken(), undefined)
  })
})
