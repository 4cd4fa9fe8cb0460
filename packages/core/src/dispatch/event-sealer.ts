// Seals the events of one commit, and makes it a condition of the commit that nobody whose key sealed one is erased meanwhile: the
// log never holds a sealed event of a subject after the event that says that the subject was erased.
import { erasureStream } from '../contracts/subject-erased.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { ReadCondition } from '../stores/commit.ts'
import type { SealedEvent, Sealing } from '../stores/event/sealing.ts'
import type { Execution } from './engine.ts'

/** Makes the text that is stored of the JSON text of an event's data. */
export type Seal = (plain: string) => string | Promise<string>
export interface EventSealer {
  /** For the event at this index of the commit; `undefined` when its data are stored as they are. */
  sealOf(contract: ContractParts | undefined, type: string, aggregateId: string, index: number): Seal | undefined
}

/** Seals nothing: for an app without encryption. */
export const noSealer: EventSealer = {
  sealOf: (contract, type) => {
    if (contract?.personal === undefined) return undefined
    throw new Error(`The event ${type} has personal fields, but the app was given no encryption.`)
  },
}

/** A sealer for one draft: what it seals once is stored in these bytes, however often the commit is handed in. */
export function createEventSealer(
  sealing: Sealing,
  { tenant, commandId }: Execution,
  reads: ReadCondition[],
): EventSealer {
  const subjects = new Set<string>()
  const keep = ({ text, subject }: SealedEvent): string => {
    if (subject !== undefined && !subjects.has(subject)) {
      subjects.add(subject)
      reads.push({ aggregateType: erasureStream, aggregateId: subject, version: 0 })
    }
    return text
  }
  return {
    sealOf: (contract, type, aggregateId, index) => {
      const personal = contract?.personal
      if (personal === undefined && !sealing.all) return undefined
      return (plain) => {
        const event = { tenant, eventId: `${commandId}.${index}`, type, aggregateId, personal }
        const sealed = sealing.event(event, plain)
        return sealed instanceof Promise ? sealed.then(keep) : keep(sealed)
      }
    },
  }
}
