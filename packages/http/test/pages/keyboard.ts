// Somebody who uses the keyboard alone, and goes by what things are called.
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { follow } from './browser.ts'

/** More than any page has to stop at. */
const stopsMax = 20

const focusedName = `(() => {
  const { activeElement: one } = document
  const label = one?.labels?.[0]?.textContent ?? one?.textContent ?? ''
  return label.replaceAll(/\\s+/g, ' ').trim()
})()`

/** Presses Tab until the cursor stands on what has this name; it must be seen where that is. */
export async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = []
  for (let stops = 0; stops < stopsMax; stops++) {
    const focused = await page.evaluate<string>(focusedName)
    if (focused === name) {
      assert.notEqual(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'none', name)
      return
    }
    passed.push(focused)
    await page.keyboard.press('Tab')
  }
  assert.fail(`Tab comes to ${name} on ${page.url()}, and not only to ${passed.join(', ')}`)
}

/** Fills fields in, by their labels and in this order, over what is there. */
export async function type(page: Page, fields: { readonly [label: string]: string }): Promise<void> {
  for (const [label, text] of Object.entries(fields)) {
    await tabTo(page, label)
    await page.keyboard.press('Control+A')
    await page.keyboard.type(text)
  }
}

/** Presses a button or opens a link. */
export async function press(page: Page, name: string): Promise<void> {
  await tabTo(page, name)
  await follow(page, () => page.keyboard.press('Enter'))
}

export async function assertTitle(page: Page, title: string): Promise<void> {
  assert.equal(await page.locator('h1').textContent(), title)
}

export async function assertText(page: Page, text: string): Promise<void> {
  const shown = (await page.locator('main').innerText()).replaceAll(/\s+/g, ' ')
  assert.ok(shown.includes(text), `${page.url()} says "${text}": ${shown}`)
}
