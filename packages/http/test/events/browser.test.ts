// A real browser: its EventSource hears, comes back when the server starts again, and goes on where it was.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { chromium } from 'playwright-core'
import type { BrowserContext, Page } from 'playwright-core'
import { createFanout } from '@gesta/core/registry'
import { send, shown } from '@gesta/core/conformance/fanout'
import { chromiumForTests } from '@gesta/services'
import { serve } from '../../src/index.ts'
import { eventsApp, place, serveEvents } from './events-app.ts'
import { until } from './runtime.ts'

const browser = await chromiumForTests()
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

// Each test has its own bound: one of the whole suite would leave `after` out, and the browser would keep the file running.
const bounded = { timeout: 60_000 }

describe('a browser', { skip: browser.skip }, () => {
  let folder: string
  let context: BrowserContext
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gesta-chromium-'))
    // The page is whatever the server answers there, whose policy lets it hear nothing: here it stands for an app's own.
    const options = { executablePath: browser.path(), args: flags, bypassCSP: true }
    context = await chromium.launchPersistentContext(folder, options)
  })
  after(async () => {
    await context.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** A page of the server's own origin, which hears. What it hears is text: the number, or what else happened. */
  async function hearingPage(url: string, script: string): Promise<Page> {
    const page = await context.newPage()
    await page.goto(`${url}/healthz`)
    await page.evaluate(`{ globalThis.heard = []; ${script} }`)
    return page
  }
  const heardBy = (page: Page): Promise<readonly string[]> => page.evaluate('heard')
  async function hears(page: Page, expected: readonly string[]): Promise<void> {
    await page.waitForFunction(`heard.length >= ${expected.length}`)
    assert.deepEqual(await heardBy(page), expected)
  }
  const eventSource = `
    const source = new EventSource('/api/events?types=Order.Shown')
    source.addEventListener('Order.Shown', ({ data }) => heard.push(String(JSON.parse(data).n)))
    source.addEventListener('resync', ({ data }) => heard.push('resync ' + JSON.parse(data).reason))
    source.addEventListener('close', ({ data }) => heard.push('close ' + JSON.parse(data).reason))`

  test('hears what a command emits', bounded, async () => {
    await using served = await serveEvents()
    const page = await hearingPage(served.url, eventSource)
    await until(() => served.hub.counters().clients === 1)
    await served.running.dispatch(place({ orderId: 'A-1' }))
    await hears(page, ['1'])
    await page.close()
    await until(() => served.hub.counters().clients === 0)
  })

  test('comes back by itself when the server starts again, and goes on where it was', bounded, async () => {
    const hub = createFanout({ retryMs: 20 })
    await using running = await eventsApp.start({ fanout: hub })
    const first = await serve(running, { port: 0, events: { fanout: hub } })
    const page = await hearingPage(first.url, eventSource)
    await until(() => hub.counters().clients === 1)
    await send(hub, [shown(1), shown(2)])
    await hears(page, ['1', '2'])
    await first[Symbol.asyncDispose]()
    await send(hub, [shown(3), shown(4, { type: 'Order.Shipped' }), shown(5)])
    await using second = await serve(running, { port: Number(new URL(first.url).port), events: { fanout: hub } })
    assert.equal(second.url, first.url)
    await hears(page, ['1', '2', 'close stopping', '3', '5'])
    await send(hub, [shown(6)])
    await hears(page, ['1', '2', 'close stopping', '3', '5', '6'])
    await page.close()
  })

  test('is told to read everything again when the ring is another one, and goes on from there', bounded, async () => {
    await using running = await eventsApp.start()
    const [old, young] = [createFanout({ retryMs: 20 }), createFanout({ retryMs: 20 })]
    const first = await serve(running, { port: 0, events: { fanout: old } })
    const page = await hearingPage(first.url, eventSource)
    await until(() => old.counters().clients === 1)
    await first[Symbol.asyncDispose]()
    await using _ = await serve(running, { port: Number(new URL(first.url).port), events: { fanout: young } })
    await hears(page, ['close stopping', 'resync unknown'])
    await send(young, [shown(1)])
    await hears(page, ['close stopping', 'resync unknown', '1'])
    await page.close()
  })

  test('opens a WebSocket from a page of the same host, and from no other page', bounded, async () => {
    await using served = await serveEvents()
    await using other = await serveEvents()
    const webSocket = `
      const socket = new WebSocket('${served.url.replace('http', 'ws')}/api/events')
      socket.onmessage = ({ data }) => { const { type, data: value } = JSON.parse(data); if (value) heard.push(type + ' ' + value.n) }
      socket.onclose = ({ code }) => heard.push('closed ' + code)`
    const page = await hearingPage(served.url, webSocket)
    await until(() => served.hub.counters().clients === 1)
    await send(served.hub, [shown(1)])
    await hears(page, ['Order.Shown 1'])
    const strange = await hearingPage(other.url, webSocket)
    await hears(strange, ['closed 1006'])
    await page.close()
    await strange.close()
  })
})
