// What the check of a permission costs a query that does nothing else, asked by 64 callers at once: in memory beside the same query for
// anybody; on PostgreSQL, where other processes may take permissions away, beside the same check without the read of the epochs.
import { memory } from '@gesta/core'
import type { Backend, PermissionOptions } from '@gesta/core'
import { postgres } from '@gesta/postgres'
import { startPostgres } from '@gesta/services'
import { compare, inLanes, timed } from '../../measure.ts'
import type { Comparison, Subject } from '../../measure.ts'
import { memberContext, membersDirectory } from '../../members.ts'
import { startProbe } from '../../probe.ts'
import { rowOf } from '../../row.ts'
import type { Row } from '../../row.ts'
import { dropping, lastingServer } from '../postgres.ts'
import type { Suite } from '../suite.ts'

const concurrency = 64
/** As long as is allowed: no query of a pass reads an epoch. */
const withoutEpochs: PermissionOptions = { staleMs: 60_000 }

export const queries: Suite = async function* (effort) {
  const checked = (): Promise<Subject> => probeSubject('authorized', memory())
  const unchecked = (): Promise<Subject> => probeSubject('anonymous', memory())
  yield* withCost(`memory query c${concurrency}, checked`, 'none', await compare(checked, unchecked, effort))

  await using server = await startPostgres(lastingServer)
  const { url } = server
  let made = 0
  const onServer = async (options: PermissionOptions): Promise<Subject> => {
    const schema = `bench_${++made}`
    return dropping(url, schema, await probeSubject('authorized', postgres({ url, schema }), options))
  }
  const [exact, stale] = [() => onServer({}), () => onServer(withoutEpochs)]
  yield* withCost(`postgres query c${concurrency}, epochs read`, 'full', await compare(exact, stale, effort))
}

/** The row, and one for what it costs each query more than the limit: its latency is the cost. */
function* withCost(name: string, durability: Row['durability'], compared: Comparison): Iterable<Row> {
  yield rowOf('permissions', name, durability, compared)
  const costUs = Math.max(0.001, 1e6 / compared.perSec - 1e6 / compared.limitPerSec)
  yield rowOf('permissions', `${name}, cost of a query`, durability, {
    perSec: 1e6 / costUs,
    limitPerSec: compared.limitPerSec,
    ratio: 1e6 / costUs / compared.limitPerSec,
    p50us: costUs,
    p99us: undefined,
  })
}

async function probeSubject(
  level: 'authorized' | 'anonymous',
  store: Backend,
  permissions: PermissionOptions = {},
): Promise<Subject> {
  const app = await startProbe(level, store, { directory: membersDirectory, permissions })
  const contexts = Array.from({ length: concurrency }, (_, number) => ({ context: memberContext(number) }))
  const ask = (index: number): Promise<unknown> => app.ask(index, contexts[index % concurrency])
  return {
    run: (first, count) => inLanes(concurrency, first, count, ask),
    time: (first, count, latenciesUs) => inLanes(concurrency, first, count, timed(latenciesUs, first, ask)),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}
