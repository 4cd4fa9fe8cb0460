// Stores two messages with each commit and settles commit by commit: both messages of a commit are held, and those of the commit before
// are sent. Prints each number that was settled, until it is killed or, with a step, ends there in the settlement of the second commit.
import { crashing } from '@gesta/core/testing'
import type { CrashStep } from '@gesta/core/testing'
import { sqlite } from '../../src/index.ts'
import { commitOf } from '../commits.ts'
import { runtime } from '../place.ts'

const [path = '', step, after = '1'] = process.argv.slice(2)
const options = step === undefined ? {} : crashing({}, { step: step as CrashStep, after: Number(after) })
const { events, outbox } = await sqlite(path, options).open(runtime)
const message = { key: 'a', type: 'Order.Sent', schemaVersion: 1, data: '1' }
for (let to = 1; ; to += 1) {
  await events.commit(commitOf(`c${to}`, 'a', { streams: [], messages: [message, message] }))
  const held = [0, 1].map((index) => ({ commitNo: to, index, state: 'waiting' as const, attempts: to, dueAt: to }))
  const sent = to === 1 ? [] : [0, 1].map((index) => ({ commitNo: to - 1, index }))
  const isKept = await outbox.settle({ fencingToken: 1, from: to - 1, to, sent, held })
  if (!isKept) throw new Error(`The settlement ${to} was not kept.`)
  process.stdout.write(`${to}\n`)
}
