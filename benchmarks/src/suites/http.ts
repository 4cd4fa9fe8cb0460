// The way in and out over HTTP: a query that does nothing, against bare Fastify with the same validation and body.
import { serve } from '@gesta/http'
import { bareFastify } from '../limits/bare-fastify.ts'
import { startLoad } from '../load/load.ts'
import type { LoadOrder, LoadProcess, LoadResult } from '../load/load.ts'
import { medians, quantile } from '../measure.ts'
import type { Effort } from '../measure.ts'
import { probeApp, probePath } from '../probe.ts'
import { rowOf } from '../row.ts'
import type { Row } from '../row.ts'
import type { Suite } from './suite.ts'

const connectionCounts = [1, 64]

export const http: Suite = async function* (effort) {
  await using app = await probeApp.start({ role: 'web' })
  // Counted like everybody, and never too often.
  const rateLimit = { requestsPerMinute: 100_000_000 }
  await using served = await serve(app, { port: 0, host: '127.0.0.1', rateLimit })
  yield* besideBareFastify('http', 'no-op query', served.url, {}, effort)
}

/** The query of a server that has it, asked with the headers, against bare Fastify with the same body. */
export async function* besideBareFastify(
  suite: string,
  name: string,
  servedUrl: string,
  headers: NonNullable<LoadOrder['headers']>,
  { rounds, seconds }: Effort,
): AsyncIterable<Row> {
  await using bare = await bareFastify()
  using load = startLoad()
  for (const connections of connectionCounts) {
    const ask = (url: string, requests: number): Promise<LoadResult> =>
      load.send({ url, path: `${probePath}?id=order-42`, connections, requests, headers })
    const requests = await requestsOf(ask, [bare.url, servedUrl], seconds)
    const own: LoadResult[] = []
    const bounds: LoadResult[] = []
    for (let round = 0; round < rounds; round++) {
      if (round % 2 === 0) bounds.push(await ask(bare.url, requests))
      own.push(await ask(servedUrl, requests))
      if (round % 2 === 1) bounds.push(await ask(bare.url, requests))
    }
    const figures = (results: readonly LoadResult[], figure: keyof LoadResult): readonly number[] =>
      results.map((result) => result[figure])
    yield rowOf(suite, `${name} c${connections}`, 'none', {
      ...medians(figures(own, 'perSec'), figures(bounds, 'perSec')),
      p50us: quantile(figures(own, 'p50us'), 0.5),
      p99us: quantile(figures(own, 'p99us'), 0.5),
    })
  }
}

const firstRequests = 200
const warmUpSeconds = 1

/** Warms both servers; the requests that take about `seconds`. */
async function requestsOf(
  ask: (url: string, requests: number) => ReturnType<LoadProcess['send']>,
  urls: readonly string[],
  seconds: number,
): Promise<number> {
  let requests = firstRequests
  for (const url of urls) {
    const { perSec } = await ask(url, firstRequests)
    const warm = await ask(url, Math.max(firstRequests, Math.round(perSec * Math.min(warmUpSeconds, seconds * 4))))
    requests = Math.max(requests, Math.round(warm.perSec * seconds))
  }
  return requests
}
