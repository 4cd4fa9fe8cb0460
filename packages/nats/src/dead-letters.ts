// What a group has given up: kept in a stream of its own beside the topic's, counted, listed, put back, discarded.
import { headers } from '@nats-io/transport-node'
import type { MsgHdrs } from '@nats-io/transport-node'
import type { MsgRequest, StoredMsg } from '@nats-io/jetstream'
import { checkOptions, checkWhole } from '@gesta/core/ports'
import type { EnvelopeDraft } from '@gesta/core/ports'
import type { AcknowledgedPublishing } from './acknowledged-publishing.ts'
import type { Delivery } from './delivery.ts'
import { onlyGroupHeader } from './group-receiver.ts'
import { checkSizes, decodeMessage, message, messageIdHeader } from './message.ts'
import type { OutgoingMessage } from './message.ts'
import { tokenOf } from './names.ts'
import type { TopicNames } from './names.ts'
import { apiCode, messageNotFound, streamNotFound } from './nats-errors.ts'
import type { Streams } from './streams.ts'

export interface DeadLetter {
  /** Names it here; the next one's is larger. */
  readonly id: number
  /** The message that it was in the stream of the topic. */
  readonly topicSequence: number
  /** Absent when it cannot be read. */
  readonly event: EnvelopeDraft | undefined
  /** Times that the server delivered it to the group. */
  readonly deliveries: number
  /** Codes and names along the chain of causes, or `deliveries`: it came again and again, and nobody lived to say why. */
  readonly reason: string
  /** Microseconds UTC. */
  readonly diedAt: number
}

/**
 * What a group has given up, until somebody puts it back or discards it. Errors: `broker_unavailable`, `broker_closed`.
 * Reference: docs/reference/nats.md.
 */
export interface DeadLetters {
  /** The oldest ones first; `after` is the id of the last one that was seen, `limit` 1 to 1,000, default 100. */
  list(page?: {
    readonly after?: number | undefined
    readonly limit?: number | undefined
  }): Promise<readonly DeadLetter[]>
  total(): Promise<number>
  /** Puts letters back for this group alone, behind what it did not get yet: those with the ids, or all that are there; how many. */
  requeue(ids?: readonly number[]): Promise<number>
  /** Drops letters for good; how many. */
  discard(ids: readonly number[]): Promise<number>
}

const reasonHeader = 'Gesta-Reason'
const deliveriesHeader = 'Gesta-Deliveries'

/** The message as a dead letter, under a subject of its own: to write it twice is to write it once. */
export function deadLetterOf(
  { message: dead, sequence, deliveries }: Delivery,
  reason: string,
  { subject, deadSubject }: TopicNames,
  group: string,
  bytesMax: number,
): OutgoingMessage {
  const type = dead.subject.slice(subject.length + 1)
  const kept = plainHeaders(dead.headers)
  const letter = (): OutgoingMessage =>
    message(`${deadSubject}.${tokenOf(group)}.${sequence}.${type}`, kept, dead.data, 'a dead letter')
  kept.append(reasonHeader, reason)
  kept.append(deliveriesHeader, String(deliveries))
  if (letter().bytes <= bytesMax) return letter()
  // A message as large as the server allows has no room to say why it died.
  kept.delete(reasonHeader)
  kept.delete(deliveriesHeader)
  return letter()
}

export function createDeadLetters(
  streams: Streams,
  publishing: AcknowledgedPublishing,
  names: TopicNames,
  group: string,
  bytesMax: () => number,
): DeadLetters {
  const { topic, deadStream, deadSubject } = names
  const subjects = `${deadSubject}.${tokenOf(group)}.>`
  /** The first letter from an id on; `undefined` when there is none. */
  const letterFrom = (seq: number): Promise<StoredMsg | undefined> =>
    streams.ask((manager) =>
      absentAs(undefined, async () => {
        // The client's types do not know the second field, and the server does.
        const found = await manager.streams.getMessage(deadStream, { seq, next_by_subj: subjects } as MsgRequest)
        return found ?? undefined
      }),
    )
  const letterAt = async (id: number): Promise<StoredMsg | undefined> => {
    const found = await letterFrom(id)
    return found?.seq === id ? found : undefined
  }
  const remove = (id: number): Promise<boolean> =>
    streams.ask((manager) => absentAs(false, () => manager.streams.deleteMessage(deadStream, id, false)))
  async function* lettersAfter(id: number): AsyncIterable<StoredMsg> {
    for (let letter = await letterFrom(id + 1); letter !== undefined; letter = await letterFrom(letter.seq + 1))
      yield letter
  }
  async function* lettersAt(ids: readonly number[]): AsyncIterable<StoredMsg> {
    for (const id of ids) {
      checkWhole(id, 'id of a dead letter', 1)
      const letter = await letterAt(id)
      if (letter !== undefined) yield letter
    }
  }
  return {
    list: async (page = {}) => {
      checkOptions(page, ['after', 'limit'], 'the page of dead letters')
      const { after = 0, limit = 100 } = page
      checkWhole(after, 'id of a dead letter', 0)
      checkWhole(limit, 'limit of a page', 1, 1000)
      const found: DeadLetter[] = []
      for await (const letter of lettersAfter(after)) if (found.push(shown(letter, deadSubject)) === limit) break
      return found
    },
    total: () =>
      streams.ask((manager) =>
        absentAs(0, async () => {
          const { state } = await manager.streams.info(deadStream, { subjects_filter: subjects })
          return Object.keys(state.subjects ?? {}).length
        }),
      ),
    requeue: async (ids) => {
      await streams.ensureTopic(topic)
      let count = 0
      for await (const letter of ids === undefined ? lettersAfter(0) : lettersAt(ids)) {
        const back = [backAgain(letter, names)]
        checkSizes(back, bytesMax())
        await publishing.send(back, { pipelined: false })
        if (await remove(letter.seq)) count += 1
      }
      return count
    },
    discard: async (ids) => {
      let count = 0
      for await (const letter of lettersAt(ids)) if (await remove(letter.seq)) count += 1
      return count
    },
  }
}

/** For its group alone. The same letter that is put back twice, because somebody crashed in between, is put back once. */
function backAgain(letter: StoredMsg, { subject, deadStream, deadSubject }: TopicNames): OutgoingMessage {
  const { group, type } = placeOf(letter, deadSubject)
  const written = plainHeaders(letter.header)
  written.append(onlyGroupHeader, group)
  written.append(messageIdHeader, `${deadStream}.${letter.seq}`)
  return message(`${subject}.${type}`, written, letter.data, 'a dead letter')
}

/** What the event is, without what says how it travelled. */
function plainHeaders(given: MsgHdrs | undefined): MsgHdrs {
  const kept = headers()
  for (const [name, values] of given ?? [])
    if (!/^(?:nats|gesta)-/i.test(name)) for (const value of values) kept.append(name, value)
  return kept
}

function shown(letter: StoredMsg, deadSubject: string): DeadLetter {
  return {
    id: letter.seq,
    topicSequence: placeOf(letter, deadSubject).topicSequence,
    event: eventOf(letter),
    deliveries: Number(letter.header?.get(deliveriesHeader) ?? 0),
    reason: letter.header?.get(reasonHeader) ?? '',
    diedAt: letter.time.getTime() * 1000,
  }
}

function placeOf(
  { subject }: StoredMsg,
  deadSubject: string,
): { readonly group: string; readonly topicSequence: number; readonly type: string } {
  const [group = '', topicSequence, ...type] = subject.slice(deadSubject.length + 1).split('.')
  return { group, topicSequence: Number(topicSequence), type: type.join('.') }
}

function eventOf({ header, data }: StoredMsg): EnvelopeDraft | undefined {
  try {
    return decodeMessage({ headers: header, data })
  } catch {
    return undefined
  }
}

/** Nobody has subscribed yet, or somebody removed it meanwhile. */
async function absentAs<Absent, Result>(absent: Absent, question: () => Promise<Result>): Promise<Absent | Result> {
  try {
    return await question()
  } catch (error) {
    if ([streamNotFound, messageNotFound].includes(apiCode(error) ?? 0)) return absent
    throw error
  }
}
