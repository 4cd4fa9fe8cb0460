// Opens the shop on the web: its settings, and the app on PostgreSQL or, as one process, on a SQLite file.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { configFile, environment } from '@gesta/config'
import { openConfig } from '@gesta/core'
import type { Backend, Config, StartOptions } from '@gesta/core'
import { postgres } from '@gesta/postgres'
import { sqlite } from '@gesta/sqlite'
import { directory } from '../people/directory.ts'
import { onlineShop } from './app.ts'
import { settingsDefinition } from './settings.ts'
import type { Settings } from './settings.ts'

export function settingsFile(dataDir: string): string {
  return join(dataDir, 'shop.yaml')
}

/** `shop.yaml` in the folder, which is followed, under variables such as `SHOP__CHECKOUT__PIECES_MAX`. Errors: `config_*`. */
export async function openSettings(dataDir: string): Promise<Config<Settings>> {
  await mkdir(dataDir, { recursive: true })
  const file = configFile(settingsFile(dataDir), { optional: true })
  return openConfig(settingsDefinition, { sources: [file, environment({ prefix: 'SHOP' })] })
}

/** `database`: an address of PostgreSQL, which several processes share; absent: a file in the folder, for one process. */
export function onlineStore(dataDir: string, database: string | undefined): Backend {
  return database === undefined ? sqlite(join(dataDir, 'online-shop.db')) : postgres({ url: database })
}

/** Errors: `store_*`. */
export function startOnline(config: Config<Settings>, options: StartOptions & { readonly store: Backend }) {
  return onlineShop(config).start({ directory, ...options })
}
