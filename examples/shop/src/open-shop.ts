// Opens the shop on its SQLite file.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommandLogBackend } from '@gesta/core'
import { sqlite } from '@gesta/sqlite'
import type { Between } from './between.ts'
import { directory } from './people/directory.ts'
import { shop } from './shop.ts'

export const dataDirDefault = './data'

export function shopFile(dataDir: string): string {
  return join(dataDir, 'shop.db')
}

/** With a broker, or a copy of its command log, this one process is web server and worker, so it has no role. Errors: `store_*`. */
export async function openShop(dataDir: string, between?: Between, copyTo?: CommandLogBackend) {
  await mkdir(dataDir, { recursive: true })
  const store = sqlite(shopFile(dataDir))
  const isWebOnly = between === undefined && copyTo === undefined
  const work = isWebOnly ? ({ role: 'web' } as const) : { broker: between?.broker, commandLog: { copyTo } }
  return shop.start({ store, directory, ...work })
}

export type OpenShop = Awaited<ReturnType<typeof openShop>>
