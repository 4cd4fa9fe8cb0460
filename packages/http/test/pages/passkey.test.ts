// Signing in with a passkey, in a real browser with a virtual authenticator, on the real identity.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { assertAccessible, follow, newPerson, openBrowser, skip } from './browser.ts'
import { assertText, assertTitle, press, tabTo, type } from './keyboard.ts'
import { password, serveRealIdentity } from './real-identity.ts'
import type { RealIdentity } from './real-identity.ts'

/** A bound of the whole suite would leave `after` out, and the browser would keep the file running. */
const bounded = { timeout: 120_000 }

describe('a passkey', { skip }, () => {
  let browser: Browser
  let served: RealIdentity
  let page: Page
  let devices: CDPSession
  let authenticatorId: string
  const email = 'root@shop.example'
  before(async () => {
    browser = await openBrowser()
    served = await serveRealIdentity()
    page = (await newPerson(browser, served.url)).page
    devices = await page.context().newCDPSession(page)
    await devices.send('WebAuthn.enable')
    const options = {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    } as const
    authenticatorId = (await devices.send('WebAuthn.addVirtualAuthenticator', { options })).authenticatorId
    await page.goto(`/set-up#${served.setUpCode}`)
    await type(page, { 'Your name': 'Root', 'Email address': email, Password: password })
    await press(page, 'Set up')
    await addPasskey()
    await press(page, 'Sign out')
  })
  after(async () => {
    await browser.close()
    await served[Symbol.asyncDispose]()
  })

  /** As an app does it in a page of its own. */
  async function addPasskey(): Promise<void> {
    const caller = await served.signedIn(email)
    const { options } = (await served.run('Passkey.Start', { password }, caller)) as { readonly options: unknown }
    const response = await page.evaluate(
      `(async () => {
        const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(options)})
        return (await navigator.credentials.create({ publicKey })).toJSON()
      })()`,
    )
    await served.run('Passkey.Add', { response, name: 'The laptop' }, caller)
  }

  test('signs in at the press of a button, by keyboard', bounded, async () => {
    await page.goto('/sign-in')
    await tabTo(page, 'Sign in with a passkey')
    await page.keyboard.press('Enter')
    await page.waitForURL(/identity/)
    await assertText(page, 'You act as Root of System.')
    await press(page, 'Sign out')
  })

  test('that is not given can be asked for again, and the password is one link away', bounded, async () => {
    await devices.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    await page.goto('/sign-in')
    await press(page, 'Sign in with a passkey')
    await page.locator('[data-passkey-failed]').waitFor({ state: 'visible' })
    await assertText(page, 'Your browser gave no passkey.')
    await assertAccessible(page)
    await devices.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true })
    await tabTo(page, 'Try again')
    await page.keyboard.press('Enter')
    await page.waitForURL(/identity/)
    await assertTitle(page, 'You are signed in')
    await press(page, 'Sign out')
  })

  test('that the account no longer has is refused in a sentence', bounded, async () => {
    const caller = await served.signedIn(email)
    const { credentials } = await devices.send('WebAuthn.getCredentials', { authenticatorId })
    const passkey = Buffer.from(credentials[0]?.credentialId ?? '', 'base64').toString('base64url')
    await served.run('Passkey.Remove', { passkey, password }, caller)
    await page.goto('/sign-in')
    await tabTo(page, 'Sign in with a passkey')
    await page.keyboard.press('Enter')
    await page.getByText('This passkey was not accepted.').waitFor()
    await assertTitle(page, 'Sign in')
  })

  test('is offered to nobody whose browser runs no scripts', bounded, async () => {
    const context = await browser.newContext({ baseURL: served.url, javaScriptEnabled: false })
    const plain = await context.newPage()
    await plain.goto('/sign-in')
    assert.equal(await plain.getByRole('button', { name: 'Sign in with a passkey' }).count(), 0)
    await plain.fill('[name=email]', email)
    await plain.fill('[name=password]', password)
    await follow(plain, () => plain.keyboard.press('Enter'))
    await assertText(plain, 'You act as Root of System.')
  })
})
