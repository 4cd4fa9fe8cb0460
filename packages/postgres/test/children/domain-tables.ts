// Starts an app whose domains have tables of their own, when it is told to, and prints what its start finds in them.
import { once } from 'node:events'
import { postgres } from '../../src/index.ts'
import type { PostgresOptions } from '../../src/index.ts'
import { tablesApp } from '../tables-app.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as PostgresOptions
console.log('ready')
await once(process.stdin, 'data')
{
  await using _ = await tablesApp().start({ store: postgres(options) })
  console.log('started')
}
process.stdin.destroy()
