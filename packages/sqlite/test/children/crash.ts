// Commits one command, in a process that shall end at the step that is named, and waits for that.
import { crashing } from '@gesta/core/testing'
import type { CrashStep } from '@gesta/core/testing'
import { sqlite } from '../../src/index.ts'
import { auditEntry, commitOf } from '../commits.ts'
import { runtime } from '../place.ts'

const [path = '', step = ''] = process.argv.slice(2)
const { events } = await sqlite(path, crashing({}, { step: step as CrashStep, after: 1 })).open(runtime)
const { verdict } = await events.commit(commitOf('c', 'a', { audit: [auditEntry('A.B'), auditEntry('A.C')] }))
console.log(verdict)
// A checkpoint comes when nobody writes.
setInterval(() => undefined, 60_000)
