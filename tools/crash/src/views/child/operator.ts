// Tells read models things at random: to begin anew, to hold still, to stop, to try parked events again or to pass them over.
import { setTimeout as delay } from 'node:timers/promises'
import { findGestaError } from '@gesta/core/ports'
import type { Running } from '@gesta/core'
import type { Dice } from '../../dice.ts'
import type { FromProcess } from '../protocol.ts'
import type { Hooks } from './accounts.ts'

type ReadModels = Running<never, never>['readModels']
type ReadModelControl = ReturnType<ReadModels['control']>
type Order = (control: ReadModelControl, dice: Dice) => Promise<unknown>
const orders: { readonly [name: string]: Order } = {
  'restore from zero': (control) => control.restore({ fromZero: true }),
  'restore, and wait': async (control) => {
    const { done } = await control.restore({ fromZero: true })
    await Promise.race([done, delay(300)])
  },
  'restore, and cancel': async (control, dice) => {
    const { cancel } = await control.restore({ fromZero: true })
    await delay(dice(20))
    await cancel()
  },
  cancel: (control) => control.cancel(),
  'pause, resume': async (control, dice) => {
    await control.pause()
    await delay(dice(60))
    await control.resume()
  },
  pause: (control) => control.pause(),
  stop: (control) => control.stop(),
  resume: (control) => control.resume(),
  start: (control) => control.start(),
  restart: (control) => control.restart(),
  retry: async (control, dice) => {
    const waiting = await control.parked({ limit: 10_000 })
    const one = waiting[dice(Math.max(1, waiting.length))]
    if (one !== undefined) await control.retryParked({ tenant: one.tenant, key: one.key })
  },
  discard: async (control, dice) => {
    const waiting = await control.parked({ limit: 100 })
    const one = waiting[dice(Math.max(1, waiting.length))]
    if (one !== undefined) await control.discardParked({ position: one.position, reason: 'as told' })
  },
}
const names = Object.keys(orders)
/** What may be said to an order that comes in between others, or while the store is away. */
const harmless = /^(store_|read_model_|outcome_unknown|app_stopped|deadline_exceeded)/

export async function operate(
  readModels: ReadModels,
  hooks: Hooks,
  dice: Dice,
  isOver: () => boolean,
  tell: (line: FromProcess) => void,
): Promise<void> {
  const models = readModels.list().map(({ name }) => name)
  while (!isOver()) {
    await delay(dice(40))
    if (dice(4) === 0) hooks.isFailing = !hooks.isFailing
    // Parked events are the business of one of them.
    const order = dice(3) === 0 ? (['retry', 'retry', 'discard'][dice(3)] ?? '') : (names[dice(names.length)] ?? '')
    const isOfParked = order === 'retry' || order === 'discard'
    const model = isOfParked ? 'Account.Parking' : (models[dice(models.length)] ?? '')
    try {
      await Promise.race([orders[order]?.(readModels.control(model), dice), delay(1_000)])
      tell({ told: order })
    } catch (error) {
      if (harmless.test(findGestaError(error)?.code ?? '')) continue
      tell({ wrong: `"${order}" of ${model}: ${error instanceof Error ? error.stack : String(error)}` })
    }
  }
}
