// Flushes a view twice, in a process that shall end at the named step of the second flush.
import { crashing } from '@gesta/core/testing'
import type { CrashStep } from '@gesta/core/testing'
import { sqlite } from '../../src/index.ts'
import { runtime } from '../place.ts'
import { at, counted, orders, rowsOf } from '../views.ts'

const [path = '', step = '', after = ''] = process.argv.slice(2)
const options = crashing({}, { step: step as CrashStep, after: Number(after) })
const { readModels } = await sqlite(path, options).open(runtime)
const view = await readModels.open(orders, counted)
for (const position of [1, 2]) {
  const statements = [{ text: `INSERT INTO ${view.table('seen')} (position) VALUES ($1)`, values: [position] }]
  await view.flush({ expected: at(position - 1), next: at(position), writes: rowsOf(position), statements })
  console.log(position)
}
