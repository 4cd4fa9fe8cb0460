// What lies in the stores at the end, held against what the harness knows: nothing lost, nothing twice, each key in order.
import type { Book } from './book.ts'
import { missingOf } from './book.ts'

/** An effect as it lies in the log of a group, in the order of the log. */
export interface Effect {
  readonly key: string
  readonly number: number
  readonly eventId: string
}

/**
 * What is wrong with the effects of a group, in words. `wanted`: what it must have had; it may have had more of what was
 * sent. `inOrder`: the effects of each key lie in the order in which they were sent.
 */
export function findingsIn(
  group: string,
  effects: readonly Effect[],
  wanted: readonly number[],
  { keyOf, acknowledged }: Pick<Book, 'keyOf' | 'acknowledged'>,
  { inOrder }: { readonly inOrder: boolean },
): readonly string[] {
  const findings: string[] = []
  const first = new Map<number, Effect>()
  const last = new Map<string, number>()
  for (const effect of effects) {
    const { key, number, eventId } = effect
    const before = first.get(number)
    if (before !== undefined) {
      findings.push(
        `The group ${group}: expected one effect of message ${number}, found a second one, of ${eventId}; the first was of ${before.eventId}.`,
      )
      continue
    }
    first.set(number, effect)
    if (!acknowledged.has(number))
      findings.push(`The group ${group}: expected no effect of message ${number}, which nobody sent, found one.`)
    else if (key !== keyOf(number))
      findings.push(`The group ${group}: expected message ${number} to have the key ${keyOf(number)}, found ${key}.`)
    const previous = last.get(key) ?? 0
    if (inOrder && number < previous)
      findings.push(
        `The group ${group}: expected the effects of ${key} in order, found that of message ${number} behind that of ${previous}.`,
      )
    last.set(key, Math.max(previous, number))
  }
  const there = new Set(first.keys())
  const lost = wanted.filter((number) => !there.has(number))
  if (lost.length > 0)
    findings.push(
      `The group ${group}: expected an effect of each of ${wanted.length} messages, found none of ${missingOf(wanted, there)}.`,
    )
  return findings
}

/** What is wrong with the log of the publisher. */
export function findingsInSource(
  sent: readonly { readonly key: string; readonly number: number }[],
  { acknowledged, keyOf }: Pick<Book, 'keyOf' | 'acknowledged'>,
): readonly string[] {
  const all = sent.map(({ key, number }) => ({ key, number, eventId: 'the publisher' }))
  return findingsIn('publisher', all, [...acknowledged], { acknowledged, keyOf }, { inOrder: true })
}
