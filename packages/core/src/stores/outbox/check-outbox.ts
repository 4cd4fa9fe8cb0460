// What every outbox store refuses before it looks at a message. Adapters call these first; the conformance suite checks that they do.
import { checkKey } from '../../codec/key-text.ts'
import { GestaError } from '../../errors/gesta-error.ts'
import { checkOptions } from '../../schema/options.ts'
import { checkTenant, checkWhole } from '../check-text.ts'
import { askPage } from '../page.ts'
import type { AskedPage } from '../page.ts'
import type { PageRequest } from '../store.ts'
import type { HeldFacts, HeldFilter, MessagePlace, OutboxStore, Settlement } from './outbox-store.ts'

/** Bytes of data after which a page of messages ends with the commit that reached them. */
export const outboxPageBytesMax: number = 8 * 1024 * 1024
const messagesMax = 10_000

/** Throws a `RangeError` for what is no number of messages to ask for. */
export function checkMessageLimit(limit: number): void {
  checkWhole(limit, 'limit of messages', 1, messagesMax)
}

/** Throws a `RangeError` for what is no number of a commit; 0 is before the first one. */
export function checkCommitNo(commitNo: number): void {
  checkWhole(commitNo, 'commit number', 0)
}

/** Throws a `RangeError` for what is no time. */
export function checkTimeUs(us: number): void {
  checkWhole(us, 'time in microseconds', 0)
}

/** Throws a `RangeError` for numbers that are none, for a place beyond `to`, and for one that is named twice; a plain error for a state. */
export function checkSettlement({ fencingToken, from, to, sent, held }: Settlement): void {
  checkWhole(fencingToken, 'fencing token', 1)
  checkWhole(from, 'cursor that was gone on from', 0)
  checkWhole(to, 'cursor that follows', from)
  const named = new Set<string>()
  for (const place of [...sent, ...held]) {
    const { commitNo, index } = place
    checkWhole(commitNo, 'commit number of a message', 1, to)
    checkWhole(index, 'index of a message', 0)
    if (named.size === named.add(`${commitNo}-${index}`).size)
      throw new RangeError(`Expected each message once in a settlement, received ${commitNo}-${index} twice.`)
  }
  for (const facts of held) checkHeldFacts(facts)
}

/** Throws a `RangeError` for numbers that are none. */
export function checkPlaces(places: readonly MessagePlace[]): void {
  for (const { commitNo, index } of places) {
    checkWhole(commitNo, 'commit number of a message', 1)
    checkWhole(index, 'index of a message', 0)
  }
}

/** Errors: `invalid_key`; a plain one for a state or a field that does not exist, which would find more than was meant. */
export function checkHeldFilter(filter: HeldFilter): void {
  checkOptions(filter, ['state', 'tenant', 'type', 'key'], 'the filter of held messages')
  const { state, tenant, type, key } = filter
  if (state !== undefined) checkState(state)
  if (tenant !== undefined) checkTenant(tenant)
  if (type !== undefined) checkKey(type, 'message type')
  if (key !== undefined) checkKey(key, 'message key')
}

/** The checked question of a list; its cursor holds commit number and index. Errors: those of `checkHeldFilter`, `invalid_cursor`; a `RangeError`. */
export function askHeld(filter: HeldFilter, page: PageRequest | undefined): AskedPage<readonly [number, number]> {
  checkHeldFilter(filter)
  return askPage({ list: 'held messages', question: filter }, ['number', 'number'], page)
}

/** Throws a `RangeError` for positions that are none. */
export function checkResend({ fromPosition, toPosition }: Parameters<OutboxStore['resend']>[0]): void {
  checkWhole(fromPosition, 'first position', 0)
  checkWhole(toPosition, 'last position', fromPosition)
}

function checkHeldFacts({ state, attempts, dueAt, lastError, lastAttemptAt }: HeldFacts): void {
  checkState(state)
  checkWhole(attempts, 'number of attempts', 0)
  checkTimeUs(dueAt)
  if (lastAttemptAt !== undefined) checkTimeUs(lastAttemptAt)
  if (lastError === undefined || (lastError.isWellFormed() && !lastError.includes('\0'))) return
  throw new GestaError(
    'invalid_output',
    'Expected the error of a message to be well-formed text without NUL, received other characters. Make it with redactError.',
  )
}

function checkState(state: string): void {
  if (state !== 'waiting' && state !== 'dead')
    throw new Error(`Expected the state of a held message to be "waiting" or "dead", received "${state}".`)
}
