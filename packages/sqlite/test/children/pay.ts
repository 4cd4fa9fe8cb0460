// Sends one payment as many times as it is told, all under one key, and prints the answers. With a step it ends there, in the first commit.
import { crashing } from '@gesta/core/testing'
import type { CrashStep } from '@gesta/core/testing'
import { sqlite } from '../../src/index.ts'
import { payAtOnce } from '../one-key-app.ts'

const [path = '', run = '', times = '', step] = process.argv.slice(2)
const options = step === undefined ? {} : crashing({}, { step: step as CrashStep, after: 1 })
for (const answer of await payAtOnce(sqlite(path, options), run, Number(times))) console.log(answer)
