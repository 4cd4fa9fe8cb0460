// One round: a process runs read models, and is ended in one of many ways.
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { CrashStep } from '@gesta/core/testing'
import type { Dice } from '../dice.ts'
import type { Harm } from '../place.ts'
import type { ViewsPlace } from './places.ts'
import type { ViewsProcess } from './process.ts'
import type { EngineStep, Opening } from './protocol.ts'

/** How a round ends. `settle`: everything is brought to rest and verified first. Overtaking is a round of its own. */
export type Ending =
  | { readonly kind: 'kill' }
  | { readonly kind: 'step'; readonly step: CrashStep }
  | { readonly kind: 'engine'; readonly step: EngineStep }
  | { readonly kind: 'harm'; readonly harm: Harm }
  | { readonly kind: 'settle' }
  | { readonly kind: 'overtake'; readonly when: 'before a flush' | 'at any moment' }

export function nameOf(ending: Ending): string {
  switch (ending.kind) {
    case 'kill':
      return 'killed'
    case 'step':
      return `ended at "${ending.step}"`
    case 'engine':
      return `ended at "${ending.step}" of the engine`
    case 'harm':
      return `killed after "${ending.harm.name}"`
    case 'settle':
      return 'killed at rest'
    case 'overtake':
      return `stopped ${ending.when}, overtaken and continued`
  }
}

export interface RoundParts {
  readonly ending: Ending
  readonly seed: number
  readonly dice: Dice
  readonly place: ViewsPlace
  readonly process: ViewsProcess
}

/** How often steps of the engine are come to, about: the end is at one of so many. */
const manyOf: { readonly [step in EngineStep]?: number } = {
  handler: 400,
  'after handler': 400,
  flush: 30,
  flushed: 30,
  changePlan: 8,
  planChanged: 8,
  open: 4,
  opened: 4,
  claim: 4,
  claimed: 4,
}

/** Runs a round to the end of its process. Throws when the process does what it must not. */
export async function runRound({ ending, seed, dice, place, process }: RoundParts): Promise<void> {
  const own: Pick<Opening, 'crash' | 'end'> =
    ending.kind === 'step'
      ? { crash: { step: ending.step, after: 1 + dice(30) } }
      : ending.kind === 'engine'
        ? { end: { at: ending.step, after: 1 + dice(manyOf[ending.step] ?? 1), signal: 'SIGKILL' } }
        : {}
  process.open({ ...place.opening(), ...own, seed, isOperated: ending.kind !== 'settle' })
  if (ending.kind === 'step' || ending.kind === 'engine') {
    await process.until(() => process.isOver, `it came to ${ending.step}`)
    assert.equal(await process.ended, 'SIGKILL', process.complaints())
    return
  }
  // Now and then a process is killed while it opens its store and its views.
  if (ending.kind === 'kill' && dice(8) === 0) await Promise.race([delay(dice(500)), process.ended])
  else {
    await written(process, 1 + dice(ending.kind === 'kill' ? 250 : 60))
    if (ending.kind === 'harm') {
      await ending.harm.run(dice)
      await written(process, process.written + 30)
    }
    if (ending.kind === 'settle') await settle(process)
    // In the middle of a batch as well.
    await delay(dice(4))
  }
  await process.until(() => true, '')
  process.signal('SIGKILL')
  await process.ended
}

async function written(process: ViewsProcess, count: number): Promise<void> {
  await process.until(() => process.written >= count, `${count} commands were written`)
}

async function settle(process: ViewsProcess): Promise<void> {
  process.ask({ do: 'settle' })
  await process.until(() => process.settled !== undefined, 'everything was at rest and verified')
  for (const { readModel, differences, listed } of process.settled ?? [])
    assert.equal(differences, 0, `The verifier finds ${readModel} different: ${listed}`)
}
