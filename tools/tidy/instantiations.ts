// What it costs the compiler to check an app: generates one with many contracts and counts type instantiations.
// The count does not depend on the machine, so a bound on it holds everywhere.

import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../workspace.ts'

const contractsPerDomain = 4
const growthMax = 1.2

/**
 * What is wrong with the counts of apps that grow by equal steps: the second is over the bound, or the last step
 * cost more than the one before, so that each contract makes the others dearer.
 */
export function costViolations([small, medium, large]: readonly [number, number, number], mediumMax: number): string[] {
  const growth = (large - medium) / (medium - small)
  return [
    ...(medium > mediumMax ? [`${medium} instantiations, at most ${mediumMax} are allowed.`] : []),
    ...(growth > growthMax
      ? [`The last step cost ${growth.toFixed(2)} times the one before: the cost is not linear.`]
      : []),
  ]
}

/** Instantiations of an app with `contracts` contracts, each of which is dispatched or queried once. */
export function countInstantiations(contracts: number): number {
  const folder = join(root, '.tmp', `instantiations-${contracts}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'app.ts'), generateApp(contracts / contractsPerDomain))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.base.json', ...project }))

  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const options = ['-p', folder, '--extendedDiagnostics', '--singleThreaded']
  const { stdout, status } = spawnSync(process.execPath, [compiler, ...options], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`The generated app does not compile:\n${stdout}`)
  return Number(/^Instantiations:\s+(\d+)/m.exec(stdout)?.[1])
}

const project = { compilerOptions: { customConditions: ['gesta-source'], noEmit: true }, files: ['app.ts'] }

function generateApp(domains: number): string {
  const names = Array.from({ length: domains }, (_, index) => `Order${index}`)
  return `
import { aggregate, command, createApp, domain, event, handle, projection, query } from '@gesta/core'
import { z } from 'zod'
${names.map(generateDomain).join('')}
const app = createApp('generated', { domains: [${names.map((name) => `domain${name}`).join(', ')}] })
await using running = await app.start()
${names.map(generateCalls).join('')}`
}

const generateDomain = (name: string): string => `
const place${name} = command('${name}.Place', { input: z.object({ id: z.string(), pence: z.int() }), rejections: { exists: 'It exists.' } })
const cancel${name} = command('${name}.Cancel', { input: z.object({ id: z.string() }), rejections: { not_placed: 'It is not placed.' } })
const get${name} = query('${name}.Get', { input: z.object({ id: z.string() }), result: z.object({ pence: z.int() }).nullable() })
const Placed${name} = event('${name}.Placed', z.object({ pence: z.int() }))
const Aggregate${name} = aggregate('${name}', () => ({ pence: 0 })).on(Placed${name}, (_, { pence }) => ({ pence }))
const models${name} = projection(Aggregate${name})
const domain${name} = domain('${name}', {
  permissions: 'anonymous',
  readModels: [models${name}],
  handlers: [
    Aggregate${name}.decide(place${name}, 'id', (state, { pence }) => (state.pence === 0 ? [Placed${name}({ pence })] : place${name}.reject('exists'))),
    Aggregate${name}.decide(cancel${name}, 'id', (state) => (state.pence === 0 ? cancel${name}.reject('not_placed') : [])),
    handle(get${name}, async ({ id }, { read }) => (await read(models${name}).get(id))?.state ?? null),
  ],
})
`

const generateCalls = (name: string): string => `
await running.dispatch(place${name}({ id: '1', pence: 1 }))
await running.dispatch(cancel${name}({ id: '1' }))
await running.query(get${name}({ id: '1' }))
`
