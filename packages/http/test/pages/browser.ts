// A real browser for the tests of pages: several people at once, each with cookies of their own.
import assert from 'node:assert/strict'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { chromiumForTests } from '@gesta/services'

const found = await chromiumForTests()
/** For `describe`. */
export const { skip } = found

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: found.path(), args: flags })
}

/** `localhost` instead of the address: browsers take passkeys for names alone. */
export function localUrl(url: string): string {
  return `http://localhost:${new URL(url).port}`
}

export async function newPerson(browser: Browser, url: string): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ baseURL: localUrl(url) })
  return { context, page: await context.newPage() }
}

const views = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 320 },
] as const

/** No rule of axe is broken: in light, and in dark on the narrowest phone, where nothing may need scrolling sideways either. */
export async function assertAccessible(page: Page): Promise<void> {
  for (const { colorScheme, width } of views) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 800 })
    const { violations } = await new AxeBuilder({ page }).analyze()
    const told = violations.map(({ id, help, nodes }) => `${id}: ${help} ${nodes.map(({ html }) => html).join(' ')}`)
    assert.deepEqual(told, [], `${page.url()}, ${colorScheme}, ${width} wide`)
    const overflow = await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')
    assert.equal(overflow, false, `${page.url()} scrolls sideways at ${width}`)
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null })
}

/** Does what leads to another page, and waits until that one is there. */
export async function follow(page: Page, act: () => Promise<unknown>): Promise<void> {
  const loaded = page.waitForEvent('load')
  await act()
  await loaded
}
