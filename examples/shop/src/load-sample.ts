// Fills a new shop with the sample that ships with the example, so that there is something to see.
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { into } from './import/in-process.ts'
import { runImport } from './import/run-import.ts'
import type { Tally } from './import/tally.ts'
import type { OpenShop } from './open-shop.ts'
import { revenueByDay } from './order/contracts.ts'

export const sampleFile = fileURLToPath(new URL('../data/online-retail-sample.csv', import.meta.url))

/** `undefined`: the shop has orders already. What a killed start began, the next one finishes. */
export async function loadSample(running: OpenShop, dataDir: string): Promise<Tally | undefined> {
  const begun = join(dataDir, 'sample-is-loading')
  if (!existsSync(begun)) {
    await running.caughtUp()
    const { total } = await running.query(revenueByDay({ limit: 1 }))
    if (total > 0) return undefined
    await writeFile(begun, '')
  }
  const tally = await runImport({ file: sampleFile, target: into(running, 'the shop') })
  await running.caughtUp()
  await rm(begun)
  return tally
}
