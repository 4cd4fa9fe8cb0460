// Commits and filters made from numbers, for tests that draw them at random: awkward texts, few enough for filters to meet them.
import type { Commit } from '../../stores/commit.ts'
import type { EventFilter } from '../../stores/event/event-store.ts'
import { commit } from './given.ts'

const names = [
  'a',
  'A',
  'a b',
  'a.b',
  "'",
  '"',
  String.raw`\ `,
  '%_',
  'é',
  '\uffee',
  '😀',
  '$[0]',
  '__proto__',
  '1',
  '1.0',
  'null',
]
const types = ['A.x', 'A.y', 'B.x', 'B.C.x', 'A', 'É.x', '😀.x', '.x', '\'."', 'AB.x']
const attributeNames = names.slice(0, 14)
const someNames = names.slice(0, 5)
const tenants = ['', 'a', 'A', 'é']
const correlations = ['c1', 'c2', '"']

/** Takes one thing after the other from a list of numbers; where it ends, the first of everything. */
function takeFrom(numbers: readonly number[]): {
  one<Item>(items: readonly Item[]): Item
  maybe<Item>(items: readonly Item[]): Item | undefined
} {
  let at = 0
  const next = (): number => numbers[at++] ?? 0
  return {
    one: (items) => items[next() % items.length] as (typeof items)[number],
    maybe: (items) => {
      const number = next()
      return number % 3 === 0 ? undefined : items[number % items.length]
    },
  }
}

/** A commit of up to four events. Its command id is fresh, or one that contexts name as their correlation. */
export function drawnCommit(numbers: readonly number[], number: number): Commit {
  const { one, maybe } = takeFrom(numbers)
  const attribute = maybe(attributeNames)
  const context = {
    targetWorkspace: maybe([...someNames, '"']),
    correlationId: maybe(correlations),
    attributes: attribute === undefined ? undefined : { [attribute]: one(someNames), region: one(['', 'north']) },
  }
  const streams = [one(names.slice(0, 8)), `${one(names)} `].slice(0, one([1, 0, 2])).map((aggregateId) => ({
    aggregateType: one(someNames),
    aggregateId,
    expectation: 'any' as const,
    events: one([['1'], ['1', '2']]).map((data) => ({ type: one(types), schemaVersion: 1, data })),
  }))
  return commit({
    commandId: number < 3 ? `c${number}` : `drawn-${number}`,
    tenant: one(tenants),
    context: JSON.stringify(context),
    recordedAt: one([5, 3, 5, 9, 1_700_000_000_000_000]),
    streams,
  })
}

/** A filter of up to three fields. */
export function drawnFilter(numbers: readonly number[]): EventFilter {
  const { one } = takeFrom(numbers)
  const fields: readonly (() => EventFilter)[] = [
    () => ({ tenant: one(tenants) }),
    () => ({ workspace: one([...someNames, '"']) }),
    () => ({ aggregateType: one(someNames) }),
    () => ({ aggregateId: one(names.slice(0, 8)) }),
    () => ({ domains: one([['A'], ['B', 'É'], ['😀', 'AB', 'A'], []]) }),
    () => ({ types: one([types.slice(0, 5), types.slice(4), ['A'], []]) }),
    () => ({ correlationId: one(correlations) }),
    () => ({ from: one([5, 4, 9]) }),
    () => ({ to: one([9, 5, 6]) }),
    () => ({ after: one([1, 3, 0]) }),
    () => ({ before: one([4, 9, 1000]) }),
    () => ({ attributes: { [one(attributeNames)]: one(someNames) } }),
    () => ({ attributes: { region: one(['', 'north']) } }),
  ]
  const chosen = [one(fields)(), one(fields)(), one(fields)()]
  return Object.assign({}, ...chosen.slice(0, one([1, 2, 1, 3]))) as EventFilter
}
