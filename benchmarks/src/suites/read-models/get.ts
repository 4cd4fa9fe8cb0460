// What one `get` of a projection costs on the memory store, in a loop inside of one handler.
import { memory } from '@gesta/core'
import { mapGets } from '../../limits/map-gets.ts'
import { compare, inLanes } from '../../measure.ts'
import type { Effort, Subject } from '../../measure.ts'
import { getMany, liveAccounts, move, moveOf, startMoves } from '../../moves.ts'
import { rowOf } from '../../row.ts'
import type { Row } from '../../row.ts'

export async function* gets(effort: Effort): AsyncIterable<Row> {
  const compared = await compare(projectedAccounts, mapGets, effort)
  yield rowOf('read-models', 'memory get', 'none', { ...compared, p50us: 1e6 / compared.perSec })
}

async function projectedAccounts(): Promise<Subject> {
  const app = await startMoves(memory(), { hasProjection: true })
  await inLanes(64, 0, liveAccounts, (index) => app.dispatch(move(moveOf(index))))
  await app.caughtUp()
  return {
    run: async (first, count) => {
      const moves = await app.query(getMany({ first, count }))
      if (moves !== count) throw new Error(`Expected ${count} accounts with one move each, received ${moves} moves.`)
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}
