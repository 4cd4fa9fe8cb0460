// Opens the stock on its SQLite file, beside the shop's, and lets it hear what the shop announces.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sqlite } from '@gesta/sqlite'
import type { Between } from '../between.ts'
import { stock } from './stock-app.ts'

/** Errors: `store_*`. */
export async function openStock(dataDir: string, { source }: Between) {
  await mkdir(dataDir, { recursive: true })
  return stock.start({ store: sqlite(join(dataDir, 'stock.db')), sources: [source] })
}
