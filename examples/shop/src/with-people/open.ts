// Opens the shop with people on its SQLite file: the app, and the identity that says who asks.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createIdentity } from '@gesta/identity'
import type { IdentityOptions } from '@gesta/identity'
import { sqlite } from '@gesta/sqlite'
import { shopWith } from './shop.ts'

export interface PeopleOptions extends Pick<IdentityOptions, 'url' | 'mailer'> {
  readonly dataDir: string
  readonly secret: string
}

function peopleFile(dataDir: string): string {
  return join(dataDir, 'shop-with-people.db')
}

/** One process does all of it, so it has no role. Errors: `store_*`, `key_unreadable`. */
export async function openWithPeople({ dataDir, secret, ...options }: PeopleOptions) {
  await mkdir(dataDir, { recursive: true })
  const identity = createIdentity({ name: 'Shop', ...options })
  await using opening = new AsyncDisposableStack()
  const running = opening.use(
    await shopWith(identity).start({
      store: sqlite(peopleFile(dataDir)),
      encryption: { secrets: [{ id: 'shop', secret }] },
      directory: identity.directory,
    }),
  )
  const sessions = opening.use(await identity.open(running))
  const opened = opening.move()
  return { running, sessions, routes: identity.routes, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}
