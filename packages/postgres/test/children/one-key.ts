// Dispatches one command many times at once, under one idempotency key, and prints each answer. Given a step it ends there, at its first
// commit. It begins when it is told to.
import { once } from 'node:events'
import { crashing } from '@gesta/core/testing'
import type { CrashStep } from '@gesta/core/testing'
import { postgres } from '../../src/index.ts'
import type { PostgresOptions } from '../../src/index.ts'
import { add, counterApp, idempotencyKey } from '../one-key-app.ts'

const [options = '{}', count = '', step] = process.argv.slice(2)
const given = JSON.parse(options) as PostgresOptions
const store = step === undefined ? given : crashing(given, { step: step as CrashStep, after: 1 })
{
  await using running = await counterApp.start({ store: postgres(store) })
  console.log('ready')
  await once(process.stdin, 'data')
  const all = Array.from({ length: Number(count) }, () => running.dispatch(add({ id: 'a' }), { idempotencyKey }))
  for (const answer of await Promise.all(all)) console.log(JSON.stringify(answer))
}
process.stdin.destroy()
