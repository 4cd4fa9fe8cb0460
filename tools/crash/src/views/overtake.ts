// Two processes at once: the owner is stopped, the other one takes over, and the first goes on where it was. It must write nothing.
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { accountName, modelFolds } from './models.ts'
import type { ViewsProcess } from './process.ts'
import type { Ending, RoundParts } from './round.ts'

export interface OvertakeParts extends Omit<RoundParts, 'ending'> {
  readonly when: Extract<Ending, { readonly kind: 'overtake' }>['when']
  readonly other: ViewsProcess
  /** Whether leases end by the server's clock, which takes ten seconds, or are ended. */
  readonly isWaitedFor: boolean
}

const names = [accountName, ...Object.keys(modelFolds)]

export async function overtake(parts: OvertakeParts): Promise<void> {
  const { when, seed, dice, place, process: owner, other, isWaitedFor } = parts
  const end = { at: 'flush', after: 1 + dice(60), signal: 'SIGSTOP' } as const
  owner.open({ ...place.opening(), seed, isOperated: false, ...(when === 'before a flush' && { end }) })
  await owner.until(() => owner.isReady || owner.stopping !== undefined, 'it was ready')
  if (when === 'before a flush') await owner.until(() => owner.stopping !== undefined, 'it stopped')
  else {
    await owner.until(() => owner.written >= 1 + dice(80), 'it wrote')
    await delay(dice(10))
    owner.signal('SIGSTOP')
  }
  other.open({ ...place.opening(), seed: seed + 1, isOperated: false })
  await other.until(() => other.isReady, 'the other one was ready')
  if (!isWaitedFor) {
    await using backend = await place.open()
    await backend.leases.reset()
  }
  await other.until(() => names.every((name) => hasMoved(other, name)), 'the other one had taken over every read model')

  const [before, wrote] = [owner.flushes.length, owner.written]
  owner.signal('SIGCONT')
  // It goes on with everything else that it does.
  await owner.until(() => owner.written >= wrote + 30, 'the first one wrote on')
  const { stopping } = owner
  if (stopping !== undefined)
    await owner.until(() => owner.flushes.slice(before).some(({ of }) => of === stopping), 'its flush had ended')
  const moved = owner.flushes.slice(before).filter(({ isMoved }) => isMoved)
  assert.ok(
    !moved.some(({ of }) => of === stopping),
    `A flush of ${stopping} was written after another one had taken over.`,
  )
  // One of each may have been with the server when it was stopped.
  for (const [of, flushes] of Map.groupBy(moved, (flush) => flush.of))
    assert.ok(flushes.length <= 1, `${of} was written ${flushes.length} times after another one had taken over.`)
  await other.until(() => true, '')
  for (const one of [owner, other]) {
    one.signal('SIGKILL')
    await one.ended
  }
}

function hasMoved({ flushes }: ViewsProcess, name: string): boolean {
  return flushes.some(({ of, isMoved }) => isMoved && of.startsWith(`${name}/`))
}
