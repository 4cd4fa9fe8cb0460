// Finds the browser that tests look at pages with: the one that the environment names, else Chromium or Chrome on the PATH, else
// Debian's package of it.
import { join } from 'node:path'
import { installOnDebian } from '../own/apt.ts'
import { folderOf, versionOf } from '../own/programs.ts'
import { reasonOf, ServiceMissing } from '../service-missing.ts'
import { allowedWays, hiddenWays } from '../ways.ts'
import type { Environment } from '../ways.ts'

export interface Browser {
  /** The program. */
  readonly path: string
  readonly version: string
}

export const chromiumTitle = 'Chromium'
const variable = 'GESTA_TEST_CHROMIUM'
const debianPackage = 'chromium'
const names = ['chromium', 'chromium-browser', 'google-chrome']

/** Throws `ServiceMissing` when there is none, and another error when the one that the environment names does not start. */
export async function findChromium(environment: Environment = process.env): Promise<Browser> {
  const named = environment[variable]
  if (named) return { path: named, version: await versionOf(named) }
  const allowed = allowedWays(environment)
  const reasons = hiddenWays(allowed)
  const ways: readonly { readonly way: 'path' | 'apt'; readonly prepare: () => Promise<void> }[] = [
    { way: 'path', prepare: async () => undefined },
    { way: 'apt', prepare: () => installOnDebian(debianPackage) },
  ]
  for (const { way, prepare } of ways) {
    if (!allowed.includes(way)) continue
    try {
      await prepare()
      return await locate()
    } catch (error) {
      reasons.push(`${way}: ${reasonOf(error)}`)
    }
  }
  throw new ServiceMissing(chromiumTitle, reasons, `Install Chromium, or name the program of one in ${variable}.`)
}

async function locate(): Promise<Browser> {
  for (const name of names) {
    const folder = folderOf([name])
    if (folder === undefined) continue
    const path = join(folder, name)
    return { path, version: await versionOf(path) }
  }
  throw new Error(`none of ${names.join(', ')} on the PATH`)
}
