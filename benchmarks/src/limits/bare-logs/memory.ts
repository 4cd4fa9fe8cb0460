// In memory: the records themselves, in a map by command id and one by correlation.
import type { CommandRecord } from '@gesta/core/ports'
import type { BareLog } from './bare-log.ts'

export async function bareMemoryLog(): Promise<BareLog> {
  const byId = new Map<string, CommandRecord>()
  const byCorrelation = new Map<string, CommandRecord[]>()
  return {
    record: async (records) => {
      for (const record of records) {
        const { correlationId } = JSON.parse(record.context) as { readonly correlationId: string }
        byId.set(record.commandId, record)
        const same = byCorrelation.get(correlationId)
        if (same === undefined) byCorrelation.set(correlationId, [record])
        else same.push(record)
      }
    },
    find: async (correlationId) => byCorrelation.get(correlationId)?.length ?? 0,
    [Symbol.asyncDispose]: async () => undefined,
  }
}
