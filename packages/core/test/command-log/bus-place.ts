// What tests of logged buses are written with: a registry's commands as a bus, a log in memory that can be made to fail, a clock.
import { z } from 'zod'
import { command } from '../../src/contracts/define.ts'
import { GestaError } from '../../src/errors/gesta-error.ts'
import type { CommandLogStore } from '../../src/stores/command-log/command-log-store.ts'
import type { CommandRecord } from '../../src/stores/command-log/command-record.ts'
import { memoryCommandLog } from '../../src/stores/command-log/memory-command-log-store.ts'
import { emitDomain, registerCommand, registerDomainEvent, registryBus } from '@gesta/core/registry'
import type { Registry } from '@gesta/core/registry'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'
import { cancel, createTestRegistry, place, Placed } from '../registry/orders.ts'

export const pay = command('Order.Pay', {
  input: z.object({ orderId: z.string(), card: z.string().max(19), holder: z.string() }),
  redact: { card: 'secret', holder: 'personal' },
})
export const contracts = [place, cancel, pay]

/** What a log does before it takes records: nothing, fail, or wait. */
type Before = (records: readonly CommandRecord[]) => Promise<void>

export async function busPlace() {
  const clock = createFakeClock()
  const runtime = fakeRuntime(clock)
  const kept = await memoryCommandLog().open(runtime)
  const { registry } = createTestRegistry()
  const told: (readonly string[])[] = []
  let before: Before = async () => undefined
  const log: CommandLogStore = {
    ...kept,
    record: async (records) => {
      told.push(records.map(({ commandId, status }) => `${commandId} ${status}`))
      await before(records)
      await kept.record(records)
    },
  }
  return {
    clock,
    runtime,
    log,
    registry,
    /** What the log takes, whatever becomes of the rest. */
    keep: kept.record,
    /** What the log was told, call by call. */
    told,
    bus: registryBus(registry),
    /** What becomes of the next records. */
    onRecord: (next: Before): void => void (before = next),
    statusOf: async (commandId: string, tenant = '') => (await kept.get(tenant, commandId))?.status,
    all: async () => (await kept.list({ order: 'oldest' }, { limit: 10_000 })).items,
  }
}

export const away: Before = async () => {
  throw new GestaError('store_unavailable', 'Expected the log to answer.')
}
export const back: Before = async () => undefined

/** Handlers of the contracts; `over` is what the handler of a cancellation does. */
export function registerOrders(registry: Registry, over: () => unknown = () => undefined): void {
  registerDomainEvent(registry, Placed, () => undefined)
  registerCommand(registry, place, (input, run) => {
    if (input.pence > 10_000) return place.reject('over_limit', { limit: 10_000 })
    emitDomain(run, Placed({ pence: input.pence }))
    return { number: 7 }
  })
  registerCommand(registry, cancel, () => over() as undefined)
  registerCommand(registry, pay, () => undefined)
}
