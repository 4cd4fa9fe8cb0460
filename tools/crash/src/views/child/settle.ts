// Brings everything to rest: all read models run, nothing is parked that can be taken, all are at the end of the log, and equal what
// the verifier makes of it.
import { setTimeout as delay } from 'node:timers/promises'
import type { Running } from '@gesta/core'
import type { Settled } from '../protocol.ts'

export async function settle({
  readModels,
  caughtUp,
}: Pick<Running<never, never>, 'readModels' | 'caughtUp'>): Promise<readonly Settled[]> {
  const settled: Settled[] = []
  for (const { name } of readModels.list()) await readModels.control(name).start()
  await caughtUp()
  for (const { name } of readModels.list()) {
    const control = readModels.control(name)
    const { restore } = control.status()
    // What an order began is there in the end.
    while (restore !== undefined && control.status().restore?.generation === restore.generation) await delay(5)
    for (;;) {
      const [waiting] = await control.parked({ limit: 1 })
      if (waiting === undefined) break
      await control.retryParked({ tenant: waiting.tenant, key: waiting.key })
      await delay(5)
    }
    const { differences, listed } = await readModels.verify(name)
    settled.push({ readModel: name, differences, listed: JSON.stringify(listed.slice(0, 3)) })
  }
  return settled
}
