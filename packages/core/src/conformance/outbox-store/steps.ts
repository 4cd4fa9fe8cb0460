// Random steps of commits, relays and operators against a store and against a plain list of messages that says what became of each.
import assert from 'node:assert/strict'
import type {
  HeldFacts,
  HeldMessage,
  MessagePlace,
  OutboxMessage,
  Settlement,
} from '../../stores/outbox/outbox-store.ts'
import { commit, oneTo, stored, stream } from '../event-store/given.ts'
import { everyPage } from '../event-store/plain-list.ts'
import { everyMessage, heldAs, message, nowUs, place, plain } from './given.ts'
import type { OutboxStores } from './given.ts'

const kinds = ['commit', 'settle', 'settleLate', 'settleElsewhere', 'requeue', 'discard', 'resend', 'prune'] as const
const often = ['commit', 'commit', 'commit', 'settle', 'settle', 'settle'] as const
const tenants = ['left', 'right']
const keys = ['a', 'b']

export interface OutboxStep {
  readonly do: (typeof kinds)[number]
  /** What is left of the number that drew the step: every choice in it is taken from this. */
  readonly draw: number
}
/** What became of a message: not there means that it was not sent yet. */
interface Tracked {
  readonly message: OutboxMessage
  readonly position: number
  state: 'new' | 'sent' | 'gone' | HeldFacts
}
interface Model {
  messages: Tracked[]
  commits: number
  position: number
  cursor: number
  token: number
}

/** One step for each number; any whole number from 0 is a step. */
export function outboxSteps(numbers: readonly number[]): readonly OutboxStep[] {
  const all = [...often, ...kinds]
  return numbers.map((number) => {
    return { do: all[number % all.length] as OutboxStep['do'], draw: Math.floor(number / all.length) }
  })
}

/** Plays steps on an empty store; throws an assertion error at the first difference. For property tests with any library. */
export async function playOutboxSteps(given: OutboxStores, steps: readonly OutboxStep[]): Promise<void> {
  const model: Model = { messages: [], commits: 0, position: 0, cursor: 0, token: 1 }
  for (const step of steps) {
    await play(given, model, step)
    await compare(given, model)
  }
}

async function compare({ outbox }: OutboxStores, model: Model): Promise<void> {
  const there = model.messages.filter(({ state }) => state !== 'gone')
  const held = there.flatMap(({ message: each, state }) => (typeof state === 'string' ? [] : [heldAs(each, state)]))
  const first = firstWaiting(held)
  const due = first.filter(({ dueAt }) => dueAt <= nowUs)
  assert.equal(await outbox.cursor(), model.cursor)
  assert.deepEqual(
    await everyMessage(outbox, 0, 3),
    there.map((each) => each.message),
  )
  assert.deepEqual(plain(await everyPage((page) => outbox.list({}, page), { limit: 3 })), plain(held))
  assert.equal(await outbox.total({ state: 'dead' }), held.filter(({ state }) => state === 'dead').length)
  assert.deepEqual(plain(await outbox.due(nowUs, 100)), plain(due))
  const times = first.map(({ dueAt }) => dueAt)
  assert.equal(await outbox.nextDue(), times.length === 0 ? undefined : Math.min(...times))
  const asked = tenants.flatMap((tenant) => keys.map((key) => ({ tenant, key })))
  const waits = asked.flatMap(({ tenant, key }, at) =>
    first.some((each) => each.tenant === tenant && each.key === key) ? [at] : [],
  )
  assert.deepEqual(await outbox.waitingKeys(asked), new Set(waits))
}

function firstWaiting(held: readonly HeldMessage[]): readonly HeldMessage[] {
  const waiting = held.filter(({ state }) => state === 'waiting')
  return waiting.filter(
    (each) => each === waiting.find(({ tenant, key }) => tenant === each.tenant && key === each.key),
  )
}

async function play({ events, outbox }: OutboxStores, model: Model, { do: kind, draw }: OutboxStep): Promise<void> {
  let rest = draw
  const take = (choices: number): number => {
    const choice = rest % choices
    rest = Math.floor(rest / choices)
    return choice
  }
  const some = (): readonly Tracked[] => model.messages.filter((_, at) => (draw >>> (at % 16)) % 2 === 1)
  const dead = (each: Tracked): boolean => typeof each.state !== 'string' && each.state.state === 'dead'
  const waitAgain = (list: readonly Tracked[]): number => {
    for (const each of list) each.state = { state: 'waiting', attempts: 0, dueAt: nowUs }
    return list.length
  }
  if (kind === 'commit') {
    const tenant = tenants[take(tenants.length)] as string
    const messages = oneTo(take(4)).map((each) => message({ key: keys[take(keys.length)] as string, data: `${each}` }))
    const streams = take(2) === 0 ? [] : [stream('a', 'any', ['1', '2'])]
    const given = commit({ tenant, messages, streams, recordedAt: model.commits + 1 })
    const { commitNo, position } = await stored(events, given)
    Object.assign(model, { commits: commitNo, position })
    const { commandId, context, recordedAt } = given
    for (const [index, each] of messages.entries())
      model.messages.push({
        message: { commitNo, index, tenant, commandId, ...each, context, recordedAt },
        position,
        state: 'new',
      })
  } else if (kind === 'settle') {
    const settlement =
      draw % 2 === 0 ? settlementOf(model, take) : { ...settlementOf(model, take), fencingToken: model.token + 1 }
    assert.equal(await outbox.settle(settlement), true)
    apply(model, settlement)
  } else if (kind === 'settleLate') {
    const settlement = settlementOf(model, take)
    if (model.token === 1) return
    assert.equal(await outbox.settle({ ...settlement, fencingToken: model.token - 1 }), false)
  } else if (kind === 'settleElsewhere') {
    const settlement = settlementOf(model, take)
    const from = take(2) === 0 ? model.cursor + 1 : Math.max(0, model.cursor - 1)
    if (from === model.cursor) return
    assert.equal(await outbox.settle({ ...settlement, from, to: Math.max(from, settlement.to) }), false)
  } else if (kind === 'requeue') {
    const key = keys[take(keys.length)] as string
    const which = take(2) === 0 ? some() : model.messages.filter((each) => each.message.key === key)
    const asked = which.length > 0 && take(2) === 0 ? which.map((each) => place(each.message)) : { key }
    const meant = 'length' in asked ? which : model.messages.filter((each) => each.message.key === key)
    assert.equal(await outbox.requeue(asked, nowUs), waitAgain(meant.filter(dead)))
  } else if (kind === 'discard') {
    const which = some()
    const gone = which.filter(dead)
    assert.equal(await outbox.discard(which.map((each) => place(each.message))), gone.length)
    for (const each of gone) each.state = 'gone'
  } else if (kind === 'resend') {
    const fromPosition = take(model.position + 1)
    const toPosition = fromPosition + take(6)
    const within = model.messages.filter(
      ({ position, state }) => position >= fromPosition && position <= toPosition && state === 'sent',
    )
    assert.equal(await outbox.resend({ fromPosition, toPosition }, nowUs), waitAgain(within))
  } else {
    const before = take(model.commits + 2)
    const limit = 1 + take(4)
    const old = model.messages
      .filter((each) => each.state === 'sent' && each.message.recordedAt < before)
      .slice(0, limit)
    assert.equal(await outbox.prune(before, limit), old.length)
    for (const each of old) each.state = 'gone'
  }
}

/** What a relay could settle now: a few commits further, some messages sent, some held. */
function settlementOf(model: Model, take: (choices: number) => number): Settlement {
  const to = Math.min(model.commits, model.cursor + take(4))
  const sent: MessagePlace[] = []
  const held: (MessagePlace & HeldFacts)[] = []
  for (const { message: each, state } of model.messages) {
    if (state === 'sent' || state === 'gone' || each.commitNo > to) continue
    const choice = take(4)
    if (choice === 0) sent.push(place(each))
    else if (choice > 1)
      held.push({
        ...place(each),
        state: choice === 2 ? 'waiting' : 'dead',
        attempts: take(3),
        dueAt: nowUs - 1 + take(3),
        ...(take(2) === 0 && { lastError: 'Error', lastAttemptAt: nowUs - 5 }),
      })
  }
  return { fencingToken: model.token, from: model.cursor, to, sent, held }
}

function apply(model: Model, { fencingToken, to, sent, held }: Settlement): void {
  Object.assign(model, { token: fencingToken, cursor: to })
  const is = (each: Tracked, at: MessagePlace): boolean =>
    each.message.commitNo === at.commitNo && each.message.index === at.index
  for (const each of model.messages) {
    const facts = held.find((at) => is(each, at))
    if (each.state === 'gone') continue
    if (facts !== undefined) {
      const { commitNo: _, index: __, ...own } = facts
      each.state = own
    } else if (sent.some((at) => is(each, at)) || (each.state === 'new' && each.message.commitNo <= to))
      each.state = 'sent'
  }
}
