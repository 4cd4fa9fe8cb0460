// Opens the shop on its SQLite file.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sqlite } from '@gesta/sqlite'
import { shop } from './shop.ts'

export const dataDirDefault = './data'

export function shopFile(dataDir: string): string {
  return join(dataDir, 'shop.db')
}

/** Errors: `store_*`. */
export async function openShop(dataDir: string) {
  await mkdir(dataDir, { recursive: true })
  return shop.start({ store: sqlite(shopFile(dataDir)), role: 'web' })
}

export type OpenShop = Awaited<ReturnType<typeof openShop>>
