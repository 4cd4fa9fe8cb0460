// What `withCommandLog` adds to a bus without an event store: the commands of a registry, logged in memory, beside the bus alone.
import { memoryCommandLog, openCommandLog, withCommandLog } from '@gesta/core'
import { createRegistry, registerCommand, registryBus } from '@gesta/core/registry'
import type { RegistryBus } from '@gesta/core/registry'
import { deposit, depositOf, noAccount, penceMax } from '../../account.ts'
import { compare, inLanes, timed } from '../../measure.ts'
import type { Subject } from '../../measure.ts'
import { rowOf, withOverhead } from '../../row.ts'
import type { Suite } from '../suite.ts'

export const middleware: Suite = async function* (effort) {
  for (const policy of ['await', 'buffered'] as const) {
    const compared = await compare(() => loggedBus(policy), bareBus, effort)
    yield withOverhead(rowOf('command-log', `memory withCommandLog, ${policy}`, 'none', compared))
    const overUs = Math.max(0.001, 1e6 / compared.perSec - 1e6 / compared.limitPerSec)
    yield rowOf('command-log', `memory withCommandLog, ${policy}, over the bare bus`, 'none', {
      perSec: 1e6 / overUs,
      limitPerSec: compared.limitPerSec,
      ratio: 1e6 / overUs / compared.limitPerSec,
      p50us: overUs,
      p99us: undefined,
    })
  }
}

/** Validation, decision, and the state in a map. */
function depositBus(): RegistryBus {
  const registry = createRegistry()
  const accounts = new Map<string, typeof noAccount>()
  registerCommand(registry, deposit, ({ accountId, pence }) => {
    const account = accounts.get(accountId) ?? noAccount
    if (account.pence + pence > penceMax) return deposit.reject('full')
    accounts.set(accountId, { pence: account.pence + pence, deposits: account.deposits + 1 })
    return undefined
  })
  return registryBus(registry)
}

async function bareBus(): Promise<Subject> {
  return driving(depositBus(), async () => undefined)
}

async function loggedBus(policy: 'await' | 'buffered'): Promise<Subject> {
  const store = await openCommandLog(memoryCommandLog())
  const bus = withCommandLog(depositBus(), store, { policy, contracts: [deposit] })
  const subject = driving(bus, bus.flush)
  return {
    ...subject,
    [Symbol.asyncDispose]: async () => {
      await bus[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
      if (bus.status.lost > 0) throw new Error(`Expected every command to be recorded, ${bus.status.lost} were lost.`)
    },
  }
}

/** `settle`: ends a pass when all of it is recorded. */
function driving({ dispatch }: Pick<RegistryBus, 'dispatch'>, settle: () => Promise<void>): Subject {
  const command = (index: number): Promise<unknown> => dispatch(deposit(depositOf(index)))
  return {
    run: (first, count) => inLanes(1, first, count, command).then(settle),
    time: (first, count, latenciesUs) => inLanes(1, first, count, timed(latenciesUs, first, command)).then(settle),
    [Symbol.asyncDispose]: async () => undefined,
  }
}
