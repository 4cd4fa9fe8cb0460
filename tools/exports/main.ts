// `npm run check:exports` after the build: what is published works for others. Packs the packages, checks the tarballs
// with publint and attw, and uses them as a consumer does: from dist, without the condition that points at the sources.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publishedPackages } from '../published-packages.ts'
import { run } from '../run.ts'
import { root } from '../workspace.ts'

const consumer = join(root, '.tmp', 'consumer')
rmSync(consumer, { recursive: true, force: true })
cpSync(join(import.meta.dirname, 'consumer'), consumer, { recursive: true })

// npm scripts set the condition there.
delete process.env['NODE_OPTIONS']

const entryPoints: string[] = []
for (const folder of publishedPackages) {
  const { name, version, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  entryPoints.push(...Object.keys(exports).map((subpath) => name + subpath.slice(1)))

  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', consumer], folder)
  const tarball = join(consumer, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)
  run('publint', ['--strict', tarball])
  run('attw', ['--profile', 'esm-only', '--format', 'ascii', tarball])

  const installed = join(consumer, 'node_modules', name)
  mkdirSync(installed, { recursive: true })
  run('tar', ['-xzf', tarball, '-C', installed, '--strip-components', '1'])
}

// Declarations of the consumer name every type that is inferred; TS2883 or TS2742 say that one is not exported.
run('tsc', ['-p', consumer])
if (readFileSync(join(consumer, 'dist', 'order.d.ts'), 'utf8').includes('zod')) {
  console.error('Declarations of the consumer mention zod: contracts carry data types, never schema types.')
  process.exit(1)
}

writeFileSync(join(consumer, 'entry-points.js'), entryPoints.map((entryPoint) => `import '${entryPoint}'\n`).join(''))
run(process.execPath, ['entry-points.js'], consumer)
run(process.execPath, [join('dist', 'check.js')], consumer)
console.log(`${entryPoints.length} entry points work from their tarballs.`)

interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, unknown>>
}
