// Commits one command, in a process that shall end at the step that is named.
import { crashing } from '@gesta/core/testing'
import type { CrashStep } from '@gesta/core/testing'
import { postgres } from '../../src/index.ts'
import type { PostgresOptions } from '../../src/index.ts'
import { commitOf } from '../commits.ts'
import { runtime } from '../runtime.ts'

const [options = '{}', step = ''] = process.argv.slice(2)
const crashed = crashing(JSON.parse(options) as PostgresOptions, { step: step as CrashStep, after: 1 })
const { events } = await postgres(crashed).open(runtime)
console.log((await events.commit(commitOf('c', 'a'))).verdict)
