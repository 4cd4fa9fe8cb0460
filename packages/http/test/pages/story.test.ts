// The whole story in a real browser, by keyboard alone, on the real identity: from the first start to a second person with a second factor.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { follow, newPerson, openBrowser, skip } from './browser.ts'
import { assertText, assertTitle, press, type } from './keyboard.ts'
import { digitsOf, password, serveRealIdentity, tenantName } from './real-identity.ts'
import type { RealIdentity } from './real-identity.ts'

/** A bound of the whole suite would leave `after` out, and the browser would keep the file running. */
const bounded = { timeout: 240_000 }

describe('people, by keyboard alone', { skip }, () => {
  let browser: Browser
  let served: RealIdentity
  let root: Page
  let ben: Page
  const rootEmail = 'root@shop.example'
  const benEmail = 'ben@shop.example'
  before(async () => {
    browser = await openBrowser()
    served = await serveRealIdentity()
    root = (await newPerson(browser, served.url)).page
    ben = (await newPerson(browser, served.url)).page
  })
  after(async () => {
    await browser.close()
    await served[Symbol.asyncDispose]()
  })
  const signIn = async (page: Page, email: string, typed = password): Promise<void> => {
    await page.goto('/sign-in')
    await type(page, { 'Email address': email, Password: typed })
    await press(page, 'Sign in')
  }

  test('set up the first administrator with the code of the first start, and are signed in', bounded, async () => {
    await root.goto('/set-up')
    await type(root, {
      'Set-up code': 'not the code',
      'Your name': 'Root',
      'Email address': rootEmail,
      Password: password,
    })
    await press(root, 'Set up')
    await assertText(root, 'The code is wrong or has expired.')
    assert.equal(await root.inputValue('[name=email]'), rootEmail)
    assert.equal(await root.inputValue('[name=password]'), '')
    await type(root, { 'Set-up code': served.setUpCode, Password: password })
    await press(root, 'Set up')
    await assertTitle(root, 'You are signed in')
    await assertText(root, 'You act as Root of System.')
  })

  test('sign out, and nothing is shown by going back', bounded, async () => {
    await press(root, 'Sign out')
    await assertTitle(root, 'You are signed out')
    await root.goBack()
    await root.waitForURL(/sign-in/)
    await assertTitle(root, 'Sign in')
    assert.deepEqual(await root.context().cookies(), [])
  })

  test('are told the same for a wrong password and for an unknown address, and can try again', bounded, async () => {
    const told: string[] = []
    for (const email of ['nobody@shop.example', rootEmail]) {
      await signIn(root, email, 'a wrong password')
      told.push(await root.locator('.error').innerText())
      assert.equal(await root.inputValue('[name=email]'), email)
      assert.equal(await root.inputValue('[name=password]'), '')
    }
    assert.equal(told[0], told[1])
  })

  test('choose at once the one identity that they have', bounded, async () => {
    await signIn(root, rootEmail)
    await assertText(root, 'You act as Root of System.')
  })

  test('accept an invitation with a new account, by the link in the mail', bounded, async () => {
    const group = await served.newTenant('bakery')
    const link = await served.invite('bakery', group, benEmail)
    const asked: string[] = []
    ben.on('request', (request) => asked.push(`${request.url()} ${request.headers()['referer'] ?? ''}`))
    await ben.goto(link)
    assert.equal(ben.url(), `${served.url}/invitation`)
    await press(ben, 'Continue')
    await assertTitle(ben, `Join ${tenantName}`)
    await type(ben, { 'Your name': 'Ben', Password: 'short' })
    await press(ben, 'Make an account and accept')
    await assertText(ben, 'Type at least 12 characters.')
    await type(ben, { Password: password })
    await press(ben, 'Make an account and accept')
    await assertText(ben, `You act as Ben of ${tenantName}.`)
    const code = link.split('#')[1] ?? ''
    assert.deepEqual(
      asked.filter((line) => line.includes(code)),
      [],
    )
  })

  test('accept another one with the account that is signed in, and choose between two', bounded, async () => {
    const group = await served.newTenant('brewery')
    await root.goto(await served.invite('brewery', group, rootEmail))
    await press(root, 'Continue')
    await assertText(root, `You are signed in as ${rootEmail}.`)
    await type(root, { 'Your name': 'Root the brewer' })
    await press(root, 'Accept the invitation')
    await assertText(root, `You act as Root the brewer of ${tenantName}.`)
    await press(root, 'Sign out')
    await signIn(root, rootEmail)
    await assertTitle(root, 'Choose who you act as')
    await press(root, 'Root of System')
    await assertText(root, 'You act as Root of System.')
  })

  test('come back to an invitation when they sign in to accept it', bounded, async () => {
    await press(root, 'Sign out')
    const group = await served.newTenant('mill')
    await root.goto(await served.invite('mill', group, rootEmail))
    await press(root, 'Continue')
    await press(root, 'Sign in to accept with it')
    await type(root, { 'Email address': rootEmail, Password: password })
    await press(root, 'Sign in')
    await assertTitle(root, `Join ${tenantName}`)
    await type(root, { 'Your name': 'Root the miller' })
    await press(root, 'Accept the invitation')
    await assertText(root, `You act as Root the miller of ${tenantName}.`)
  })

  test('need no script, and paste the code', bounded, async () => {
    const group = await served.newTenant('farm')
    const [, code = ''] = (await served.invite('farm', group, 'eve@shop.example')).split('#')
    const context = await browser.newContext({ baseURL: served.url, javaScriptEnabled: false })
    const eve = await context.newPage()
    await eve.goto('/invitation')
    await eve.fill('[name=code]', code)
    await follow(eve, () => eve.keyboard.press('Enter'))
    await eve.fill('[name=name]', 'Eve')
    await eve.fill('[name=password]', password)
    await follow(eve, () => eve.keyboard.press('Enter'))
    await assertText(eve, `You act as Eve of ${tenantName}.`)
  })

  test('are told that a code was used', bounded, async () => {
    const group = await served.newTenant('dairy')
    const link = await served.invite('dairy', group, rootEmail)
    await root.goto(link)
    await press(root, 'Continue')
    await type(root, { 'Your name': 'Root' })
    await press(root, 'Accept the invitation')
    await root.goto(link)
    await press(root, 'Continue')
    await assertText(root, 'This code is not valid, or not any more.')
  })

  test('sign in with a second factor', bounded, async () => {
    const caller = await served.signedIn(benEmail)
    const { uri } = (await served.run('SecondFactor.StartTotp', { password }, caller)) as { readonly uri: string }
    await served.run('SecondFactor.ConfirmTotp', { code: digitsOf(uri, -1) }, caller)
    await signIn(ben, benEmail)
    await assertTitle(ben, 'Type your code')
    assert.ok(!(await ben.content()).includes(password))
    await type(ben, { Code: '000000' })
    await press(ben, 'Sign in')
    await assertText(ben, 'This code is wrong, or it was used before.')
    await type(ben, { Code: digitsOf(uri) })
    await press(ben, 'Sign in')
    await assertText(ben, `You act as Ben of ${tenantName}.`)
  })

  test('prove that an address is theirs, and are told what to do without an identity', bounded, async () => {
    const email = 'kim@shop.example'
    const kim = (await newPerson(browser, served.url)).page
    await served.run('Account.Register', { email, password })
    await signIn(kim, email)
    await assertText(kim, 'The address or the password is wrong.')
    await kim.goto(await served.linkTo(email))
    assert.equal(kim.url(), `${served.url}/verify`)
    await press(kim, 'Verify')
    await assertTitle(kim, 'Your address is verified')
    await press(kim, 'Sign in')
    await signIn(kim, email)
    await assertTitle(kim, 'You are in no organisation yet')
  })

  test('set a new password by the link in a mail, which signs them out everywhere', bounded, async () => {
    await ben.goto('/forgot-password')
    await type(ben, { 'Email address': benEmail })
    await press(ben, 'Send the mail')
    await assertTitle(ben, 'Look into your mail')
    await root.goto('/forgot-password')
    await type(root, { 'Email address': 'nobody@shop.example' })
    await press(root, 'Send the mail')
    assert.equal(await root.locator('main').innerText(), await ben.locator('main').innerText())
    const link = await served.linkTo(benEmail)
    assert.match(link, /reset-password/)
    await ben.goto(link)
    await type(ben, { Password: 'eleven green boats sail' })
    await press(ben, 'Set the password')
    await assertTitle(ben, 'Your password is set')
    await ben.goto('/identity')
    await assertTitle(ben, 'Sign in')
  })
})
