// Commits with audit entries for two tenants, as fast as it can, when it is told to.
import { once } from 'node:events'
import { postgres } from '../../src/index.ts'
import type { PostgresOptions } from '../../src/index.ts'
import { audited } from '../chains.ts'
import { isStored, oneTo } from '../commits.ts'
import { runtime } from '../runtime.ts'

const [options = '{}', name = ''] = process.argv.slice(2)
{
  await using backend = await postgres(JSON.parse(options) as PostgresOptions).open(runtime)
  console.log('ready')
  await once(process.stdin, 'data')
  for (const round of oneTo(10)) {
    const commits = oneTo(10).flatMap((i) => [
      audited(`${name}-${round}-${i}`, 3),
      audited(`${name}-${round}-${i}`, 1, { tenant: 'u' }),
    ])
    const verdicts = await Promise.all(commits.map((commit) => backend.events.commit(commit)))
    if (!verdicts.every(isStored)) throw new Error('A commit was not stored.')
  }
}
process.stdin.destroy()
