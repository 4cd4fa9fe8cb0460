// Taking out of the log what shall not be there any more. What a writer that died has left of a command goes with it.
import { redactedDetail } from '@gesta/core/ports'
import type { Clock, Purge, RecordCodec } from '@gesta/core/ports'
import type { KeptHead } from './command-log-heads.ts'
import type { Place } from './command-log-places.ts'
import { headMatcher, isShown } from './command-log-reading.ts'
import type { Reading } from './command-log-reading.ts'
import type { LogParts } from './command-log-recording.ts'

export interface Forgetting {
  redact(token: string): Promise<boolean>
  purge(purge: Purge): Promise<number>
}

/** No writer takes so long between the place of a record and its head. */
const abandonedUs = 3_600_000_000
const forgottenAtOnce = 50
/** What a head says whose command is forgotten. */
const nobody = {
  tenant: '',
  commandId: '',
  commandType: '',
  status: 'abandoned',
  recordedAt: 0,
  context: '{}',
  bytes: 0,
  codec: '',
} as const

export function createForgetting(
  { heads, bodies, places, blocks }: LogParts,
  { walk, load }: Reading,
  codec: RecordCodec,
  clock: Pick<Clock, 'nowUs'>,
): Forgetting {
  /** Hides a record and takes away what lies of it; whether it was this call that has hidden it. */
  const forget = async (
    { place, token }: Place,
    { revision, ...head }: Pick<KeptHead, 'revision' | 'body' | 'purged'>,
    upTo: number,
  ): Promise<boolean> => {
    const hidden = head.purged
      ? revision
      : await heads.put(token, { ...nobody, ...head, place, purged: true }, revision)
    if (hidden === undefined) return false
    await bodies.erase(head.body)
    await bodies.sweep(token, upTo)
    await heads.drop(hidden)
    await places.erase(place)
    return head.purged !== true
  }
  return {
    redact: async (token) => {
      for (;;) {
        // What lies there now is older than the head that is to come: whoever wrote it has lost, or is replaced.
        const upTo = await bodies.lastSequence()
        const head = await heads.get(token)
        const record = head === undefined || head.purged === true ? undefined : await load(head, token)
        if (head === undefined || record === undefined) return false
        const bytes = codec.encode(redactedDetail(record))
        const body = await bodies.write(token, bytes)
        const { revision, ...kept } = head
        const redacted = { ...kept, body, bytes: bytes.length, codec: codec.name }
        if ((await heads.put(token, redacted, revision)) !== undefined) {
          await bodies.erase(head.body)
          await bodies.sweep(token, upTo)
          return true
        }
        await bodies.erase(body)
      }
    },
    purge: async ({ limit, before, ...filter }) => {
      const upTo = await bodies.lastSequence()
      const asked = { ...filter, to: before }
      const matches = headMatcher(asked)
      const abandonedBefore = clock.nowUs() - abandonedUs
      const visit = async ([place, head]: readonly [Place, KeptHead | undefined]): Promise<boolean> => {
        if (head !== undefined && isShown(head, place)) return matches(head) && (await forget(place, head, upTo))
        // A purge that was interrupted goes on here.
        if (head?.place === place.place) await forget(place, head, upTo)
        else if (place.storedAt >= abandonedBefore) return false
        else if (head === undefined) await forget(place, { revision: 0, body: [] }, upTo)
        else await places.erase(place.place)
        return false
      }
      let count = 0
      let batch: Promise<boolean>[] = []
      const settle = async (): Promise<void> => {
        count += (await Promise.all(batch)).filter(Boolean).length
        batch = []
      }
      for await (const found of walk({ ...asked, order: 'oldest' })) {
        batch.push(visit(found))
        if (batch.length === Math.min(forgottenAtOnce, limit - count)) await settle()
        if (count === limit) break
      }
      await settle()
      if (count > 0) await blocks.forgetBefore((await places.extent())[0])
      return count
    },
  }
}
