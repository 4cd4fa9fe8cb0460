// The shop as `npm start` serves it, in memory, with its admin address; and its people, who ask by their tokens.
import type { Running } from '@gesta/core'
import { serve } from '@gesta/http'
import { directory } from '../../src/people/directory.ts'
import { authenticate } from '../../src/people/authenticate.ts'
import { shopRoutes } from '../../src/routes.ts'
import { shop } from '../../src/shop.ts'

export type Json = { readonly [name: string]: unknown }
export interface Told {
  readonly status: number
  readonly body: Json
}
interface Asking {
  readonly by?: 'customer' | 'warehouse' | 'office' | 'operator' | 'nobody'
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly body?: object
}
export interface ServedShop extends AsyncDisposable {
  readonly running: Running<string, string>
  readonly adminUrl: string
  /** At the public address; `by` whom: default nobody. */
  ask(path: string, asking?: Asking): Promise<Told>
  /** At the admin address; default by its operator. */
  operate(path: string, asking?: Asking): Promise<Told>
}

export async function servedShop(): Promise<ServedShop> {
  await using opening = new AsyncDisposableStack()
  const running = opening.use(await shop.start({ role: 'web', directory }))
  const server = opening.use(await serve(running, { port: 0, admin: { port: 0 }, routes: shopRoutes, authenticate }))
  const { url, adminUrl = '' } = server
  const opened = opening.move()
  return {
    running,
    adminUrl,
    ask: (path, asking) => told(url + path, { by: 'nobody', ...asking }),
    operate: (path, asking) => told(adminUrl + path, { by: 'operator', ...asking }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

async function told(
  url: string,
  { by = 'nobody', body, method = body === undefined ? 'GET' : 'POST' }: Asking,
): Promise<Told> {
  const headers = {
    ...(by !== 'nobody' && { authorization: `Bearer example-${by}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  }
  const answer = await fetch(url, { method, headers, body: body === undefined ? null : JSON.stringify(body) })
  return { status: answer.status, body: (await answer.json()) as Json }
}
