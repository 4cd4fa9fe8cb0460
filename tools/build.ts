// `npm run build`: the dist of every published package, from scratch, so that no file of an earlier build is packed.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { publishedPackages } from './published-packages.ts'
import { run } from './run.ts'

for (const folder of publishedPackages) {
  rmSync(join(folder, 'dist'), { recursive: true, force: true })
  run('tsc', ['-p', join(folder, 'tsconfig.build.json')])
}
