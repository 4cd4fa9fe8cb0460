// Pages of somebody else, in the browser of somebody who is signed in: what they send changes nothing, and they see nothing.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { follow, localUrl, newPerson, openBrowser, skip } from './browser.ts'
import { serveFakeIdentity, tokens } from './fake-identity.ts'
import type { FakeIdentity } from './fake-identity.ts'

/** A site that shows what it is asked for in the query string. */
async function openSite(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
    response.setHeader('content-type', 'text/html').end(searchParams.get('html') ?? '')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A bound of the whole suite would leave `after` out, and the browser would keep the file running. */
const bounded = { timeout: 120_000 }

describe('a page of somebody else', { skip }, () => {
  let browser: Browser
  let served: FakeIdentity
  let site: Awaited<ReturnType<typeof openSite>>
  let page: Page
  before(async () => {
    browser = await openBrowser()
    served = await serveFakeIdentity()
    site = await openSite()
    page = (await newPerson(browser, served.url)).page
    const identity = { tenant: 'tenant-1', tenantName: 'Bakery', identity: 'identity-1', name: 'Anna' }
    served.say({
      'Auth.Login': { result: tokens() },
      'Auth.Identities': { result: [identity] },
      'Auth.SelectIdentity': { result: tokens('identity-1') },
    })
    await page.goto('/sign-in')
    await page.fill('[name=email]', 'anna@shop.example')
    await page.fill('[name=password]', 'anything at all')
    await follow(page, () => page.keyboard.press('Enter'))
  })
  after(async () => {
    await browser.close()
    await site[Symbol.asyncDispose]()
    await served[Symbol.asyncDispose]()
  })
  // Another port is another origin of the same site, and gets cookies that are for the site alone; another name is another site.
  const origins = [
    ['of the same site', 'localhost'],
    ['of another site', '127.0.0.1'],
  ] as const
  const targets = ['/sign-in', '/sign-out', '/identity', '/invitation', '/verify', '/reset-password', '/set-up']

  for (const [what, name] of origins) {
    test(`${what} sends forms that change nothing`, bounded, async () => {
      const cookies = await page.context().cookies()
      for (const path of targets) {
        const heard = served.heard.length
        const html = `<form method="post" action="${localUrl(served.url)}${path}"><input name="email" value="evil@shop.example"><button>Win</button></form>`
        await page.goto(`http://${name}:${site.port}/?${new URLSearchParams({ html }).toString()}`)
        await follow(page, () => page.getByRole('button').click())
        assert.equal(await page.locator('h1').textContent(), 'This came from elsewhere')
        assert.equal(served.heard.length, heard, `${path} asked the app nothing`)
      }
      assert.deepEqual(await page.context().cookies(), cookies)
      await page.goto('/identity')
      assert.match(await page.locator('main').innerText(), /You act as Anna of Bakery/)
    })

    test(`${what} cannot show a page in a frame`, bounded, async () => {
      const html = `<iframe src="${localUrl(served.url)}/identity"></iframe>`
      await page.goto(`http://${name}:${site.port}/?${new URLSearchParams({ html }).toString()}`)
      const [, frame] = page.frames()
      assert.ok(frame !== undefined)
      await frame.waitForLoadState()
      assert.equal(await frame.locator('main').count(), 0)
    })
  }

  test('is not where anybody is led after signing in', bounded, async () => {
    for (const to of [
      `http://127.0.0.1:${site.port}/`,
      `//127.0.0.1:${site.port}/`,
      String.raw`/\127.0.0.1:${site.port}/`,
    ]) {
      await page.goto(`/sign-in?${new URLSearchParams({ after: to }).toString()}`)
      await page.fill('[name=email]', 'anna@shop.example')
      await page.fill('[name=password]', 'anything at all')
      await follow(page, () => page.keyboard.press('Enter'))
      assert.equal(page.url(), `${localUrl(served.url)}/identity`)
    }
  })

  test('learns nothing of a code in a link, nor do scripts in it run', bounded, async () => {
    await page.goto('/verify#<img src=x onerror=alert(1)>')
    assert.equal(await page.inputValue('[name=code]'), '')
    await page.goto('/verify#javascript:alert(1)')
    assert.equal(await page.inputValue('[name=code]'), '')
    assert.equal(page.url(), `${localUrl(served.url)}/verify`)
  })
})
