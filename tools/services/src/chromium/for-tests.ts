// Chromium as test files ask for it.
import { had, inCi, runVariable } from '../run/access.ts'
import { recordUse } from '../run/record.ts'
import { chromiumTitle, findChromium } from './find-chromium.ts'

export interface ChromiumForTests {
  /** For `describe` and `test`: `false`, or the reason why there is none. In CI it is `false`, and tests fail. */
  readonly skip: string | false
  /** The program. Throws the reason when there is none. */
  path(): string
}

export async function chromiumForTests(): Promise<ChromiumForTests> {
  const found = await had(findChromium())
  const folder = process.env[runVariable]
  if ('thing' in found) {
    const { path, version } = found.thing
    const description = `${chromiumTitle} ${version} (${path})`
    if (folder === undefined) console.error(description)
    else recordUse(folder, { title: chromiumTitle, description })
    return { skip: false, path: () => path }
  }
  const { missing } = found
  if (folder === undefined) console.error(missing)
  else recordUse(folder, { title: chromiumTitle, missing })
  return {
    skip: inCi() ? false : missing,
    path: () => {
      throw new Error(missing)
    },
  }
}
