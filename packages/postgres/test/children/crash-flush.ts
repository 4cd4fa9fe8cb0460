// Flushes a view once, in a process that shall end at the step that is named.
import { crashing } from '@gesta/core/testing'
import type { CrashStep } from '@gesta/core/testing'
import { postgres } from '../../src/index.ts'
import type { PostgresOptions } from '../../src/index.ts'
import { tenant } from '../commits.ts'
import { runtime } from '../runtime.ts'
import { flushedTables, flushedView } from './crash-flush-view.ts'

const [options = '{}', step = '', kind = ''] = process.argv.slice(2)
const crashed = crashing(JSON.parse(options) as PostgresOptions, { step: step as CrashStep, after: 1 })
const { readModels } = await postgres(crashed).open(runtime)
const view = await readModels.open(flushedView, flushedTables)
const note = { text: `INSERT INTO ${view.table('notes')} VALUES ($1)`, values: ['a'] }
const isMoved = await view.flush({
  expected: { incarnation: 'i', position: 0, eventId: '' },
  next: { incarnation: 'i', position: 1, eventId: 'e' },
  writes: [{ tenant, key: 'a', value: '1' }],
  statements: kind === 'statements' ? [note] : [],
})
console.log(isMoved)
