// An import that opens the store itself: no server, one process.
import { openShop, shopFile } from '../open-shop.ts'
import { into } from './in-process.ts'
import type { Target } from './target.ts'

/** Errors: `store_*`, for a store that another process has open, among others. */
export async function embedded(dataDir: string): Promise<Target> {
  const running = await openShop(dataDir)
  return {
    ...into(running, shopFile(dataDir)),
    [Symbol.asyncDispose]: async () => {
      try {
        await running.caughtUp()
      } finally {
        await running[Symbol.asyncDispose]()
      }
    },
  }
}
