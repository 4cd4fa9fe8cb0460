// A query beside a flood of sign-ins that nobody could hash fast enough, against the same query without it: the 99th percentile of what
// callers wait. The server is a process of its own, kept to one core where the system can.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { startLoad } from '../../load/load.ts'
import type { LoadResult } from '../../load/load.ts'
import { startFlood } from '../../load/start-flood.ts'
import { medians, quantile } from '../../measure.ts'
import { probePath } from '../../probe.ts'
import { rowOf } from '../../row.ts'
import type { Suite } from '../suite.ts'
import { signInPath } from './signed-in.ts'

/** Several times what one core can hash. */
const signInsPerSec = 100
const requestsMin = 200
/** Queries of one pass, per second that it is meant to take: one connection, one after the other. */
const queriesPerSec = 2_000
const floodSeconds = 0.3

export interface FloodedServer {
  readonly url: string
  readonly accessToken: string
}

export function floodedCase(): string {
  return `p99 of a query beside ${signInsPerSec} sign-ins a second, ${canPin() ? 'one core' : 'no core of its own'}`
}

export const flooded: Suite = async function* ({ rounds, seconds }) {
  await using server = await startServer()
  using load = startLoad()
  using flood = startFlood()
  const headers = { authorization: `Bearer ${server.accessToken}` }
  const requests = Math.max(requestsMin, Math.round(queriesPerSec * seconds))
  const ask = (): Promise<LoadResult> =>
    load.send({ url: server.url, path: `${probePath}?id=order-42`, connections: 1, requests, headers })
  const [beside, alone]: [LoadResult[], LoadResult[]] = [[], []]
  for (let warm = 0; warm < 3; warm++) await ask()
  for (let round = 0; round < rounds; round++) {
    alone.push(await ask())
    flood.begin({ url: server.url, path: signInPath, perSec: signInsPerSec })
    // The queue of passwords is full by then.
    await new Promise((resolve) => setTimeout(resolve, floodSeconds * 1000))
    beside.push(await ask())
    await flood.end()
  }
  const rates = (results: readonly LoadResult[]): readonly number[] => results.map(({ p99us }) => 1_000_000 / p99us)
  const times = (figure: 'p50us' | 'p99us'): number =>
    quantile(
      beside.map((result) => result[figure]),
      0.5,
    )
  yield rowOf('identity', floodedCase(), 'none', {
    ...medians(rates(beside), rates(alone)),
    p50us: times('p50us'),
    p99us: times('p99us'),
  })
}

async function startServer(): Promise<FloodedServer & AsyncDisposable> {
  const file = new URL('../../load/signed-in-server.ts', import.meta.url).pathname
  const node = [process.execPath, ...process.execArgv, file]
  const [program = '', ...args] = canPin() ? ['taskset', '-c', '0', ...node] : node
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const ended = once(child, 'exit')
  const [told] = (await Promise.race([
    once(child, 'message'),
    ended.then(([code]) => Promise.reject(new Error(`The server ended with ${String(code)} before it served.`))),
  ])) as [FloodedServer]
  return {
    ...told,
    [Symbol.asyncDispose]: async () => {
      child.kill()
      await ended
    },
  }
}

function canPin(): boolean {
  return spawnSync('taskset', ['-c', '0', 'true']).status === 0
}
