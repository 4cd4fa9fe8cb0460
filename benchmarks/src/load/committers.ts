// Processes that commit at the same time to one store on PostgreSQL.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { CommitOrder } from './committer.ts'

const lanes = 64

export interface Committers extends AsyncDisposable {
  /** Lets the first `count` processes commit for so many milliseconds; the commits that each stored. */
  commit(ms: number, count?: number): Promise<readonly number[]>
}

export async function startCommitters(count: number, url: string, schema: string): Promise<Committers> {
  const children = Array.from({ length: count }, () =>
    fork(new URL('committer.ts', import.meta.url), [url, schema, String(lanes)]),
  )
  await Promise.all(children.map((child) => once(child, 'message')))
  return {
    commit: (ms, most = count) =>
      Promise.all(
        children.slice(0, most).map(async (child) => {
          const order: CommitOrder = { ms }
          child.send(order)
          const [stored] = (await once(child, 'message')) as [number]
          return stored
        }),
      ),
    [Symbol.asyncDispose]: async () => {
      const ended = children.map((child) => once(child, 'exit'))
      const order: CommitOrder = { end: true }
      for (const child of children) child.send(order)
      await Promise.all(ended)
    },
  }
}
