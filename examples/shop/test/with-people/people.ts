// A shop with people that is served for one test: mails are collected, and everybody asks over HTTP with a token.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { whenCaughtUp } from '@gesta/core/testing'
import { serve } from '@gesta/http'
import type { Mail } from '@gesta/identity'
import { shopRoutes } from '../../src/routes.ts'
import { openWithPeople } from '../../src/with-people/open.ts'

/** No list of known passwords has it. */
export const password = 'nine purple tractors hum'

export interface Answer {
  readonly status: number
  /** Of a command its result, of a query its answer, else the problem. */
  readonly body: { readonly [field: string]: unknown }
}
export interface SignedIn {
  readonly accessToken: string
  readonly account: string
  readonly session: string
}
export type Ask = (method: string, path: string, who?: SignedIn, body?: unknown) => Promise<Answer>

export async function servedWithPeople(dataDir: string) {
  const mails: Mail[] = []
  const port = await freePort()
  const url = `http://localhost:${port}`
  await using opening = new AsyncDisposableStack()
  const mailer = { send: async (mail: Mail) => void mails.push(mail) }
  const shop = opening.use(
    await openWithPeople({ dataDir, url, mailer, secret: 'a secret of tests, long enough to seal' }),
  )
  const { running, sessions, routes } = shop
  const server = opening.use(await serve(running, { port, routes: [shopRoutes, routes], sessions, pages: true }))
  const opened = opening.move()

  const ask: Ask = async (method, path, who, body) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        ...(who !== undefined && { authorization: `Bearer ${who.accessToken}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) }
  }
  /** The result of a command that must be accepted. */
  const done = async (method: string, path: string, who?: SignedIn, body?: unknown): Promise<Answer['body']> => {
    const answer = await ask(method, path, who, body)
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return (answer.body['result'] ?? answer.body) as Answer['body']
  }
  return {
    url: server.url,
    running,
    setUpCode: sessions.setUpCode,
    ask,
    done,
    mails,
    /** The code in the last mail to somebody, as its link has it. */
    codeTo: async (email: string): Promise<string> => {
      await whenCaughtUp(running)
      const mail = mails.findLast(({ to }) => to === email)
      const code = new RegExp(`${url}/\\S+#(\\S+)`).exec(mail?.text ?? '')?.[1]
      assert.ok(code !== undefined, `a mail to ${email} with a link`)
      return code
    },
    caughtUp: () => whenCaughtUp(running),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/** Links in mails name the port, so it must be known before the server has it. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
