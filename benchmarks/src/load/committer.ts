// A process that commits as fast as it can for some seconds, when it is told to, and says how many commits were stored.
import { postgres } from '@gesta/postgres'
import { depositCommit, storeRuntime } from '../deposit-commit.ts'

/** Milliseconds to commit; absent: end. */
export type CommitOrder = { readonly ms: number } | { readonly end: true }

const [url = '', schema = '', lanes = '64'] = process.argv.slice(2)
const store = await postgres({ url, schema }).open(storeRuntime)
let index = 0

process.on('message', (order: CommitOrder) => void ('end' in order ? finish() : commitFor(order.ms)))
process.send?.('ready')

async function commitFor(ms: number): Promise<void> {
  const endAt = performance.now() + ms
  let stored = 0
  const lane = async (): Promise<void> => {
    while (performance.now() < endAt) {
      await store.events.commit(depositCommit(index++, 1))
      stored++
    }
  }
  await Promise.all(Array.from({ length: Number(lanes) }, lane))
  process.send?.(stored)
}

async function finish(): Promise<void> {
  await store[Symbol.asyncDispose]()
  process.disconnect?.()
}
