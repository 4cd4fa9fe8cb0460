// A relay of its own: settles commit after commit under the token that it is given, and prints each number that it settled, until it
// has come to the last one. Each message is held, and says by its attempts whose token it was.
import { postgres } from '../../src/index.ts'
import type { PostgresOptions } from '../../src/index.ts'
import { runtime } from '../runtime.ts'

const [options = '{}', token = '', last = ''] = process.argv.slice(2)
await using backend = await postgres(JSON.parse(options) as PostgresOptions).open(runtime)
const { outbox } = backend
const fencingToken = Number(token)
for (let from = await outbox.cursor(); from < Number(last); from = await outbox.cursor()) {
  const to = from + 1
  const held = { commitNo: to, index: 0, state: 'waiting' as const, attempts: fencingToken, dueAt: to }
  const sent = from === 0 ? [] : [{ commitNo: from, index: 1 }]
  if (await outbox.settle({ fencingToken, from, to, sent, held: [held, { ...held, index: 1 }] }))
    process.stdout.write(`${to}\n`)
}
