// The command line: what is looked at, how long, on which store, with which seed.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'

/** Views can be in memory, over a log in SQLite; commits that are only in memory do not outlive a process. */
const storesOf = {
  commits: ['sqlite', 'postgres'],
  views: ['sqlite', 'postgres', 'memory'],
  jobs: ['sqlite', 'postgres'],
} as const
type What = keyof typeof storesOf
export type StoreName = (typeof storesOf)[What][number]

export interface Arguments {
  readonly what: What
  /** On each store. */
  readonly minutes: number
  readonly stores: readonly StoreName[]
  readonly seed: number
}
/** Something that the caller has to write differently; the message says how. */
export class WrongArguments extends Error {}

const options = {
  what: { type: 'string' },
  minutes: { type: 'string' },
  store: { type: 'string' },
  seed: { type: 'string' },
} as const
const usage =
  'Usage: npm run crash -- [--what commits|views|jobs] --minutes N [--store sqlite|postgres|memory] [--seed N]'

/** Errors: `WrongArguments`. */
export function readArguments(given: readonly string[]): Arguments {
  const { what = 'commits', minutes, store, seed } = parse(given)
  if (what !== 'commits' && what !== 'views' && what !== 'jobs')
    throw new WrongArguments(`Expected --what to be commits, views or jobs, received "${what}". ${usage}`)
  const stores: readonly StoreName[] = storesOf[what]
  const named = stores.filter((name) => name === store)
  if (store !== undefined && named.length === 0)
    throw new WrongArguments(`Expected --store to be ${stores.join(' or ')}, received "${store}". ${usage}`)
  return {
    what,
    minutes: numberOf('minutes', minutes, 1),
    stores: store === undefined ? stores : named,
    seed: Math.floor(numberOf('seed', seed, randomInt(1, 2 ** 31))),
  }
}

function parse(given: readonly string[]): { readonly [name in keyof typeof options]?: string | undefined } {
  try {
    return parseArgs({ args: [...given], options }).values
  } catch (error) {
    throw new WrongArguments(`${(error as Error).message.split('. ')[0]}. ${usage}`)
  }
}

function numberOf(option: string, text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault
  const number = Number(text)
  if (number > 0 && Number.isFinite(number)) return number
  throw new WrongArguments(`Expected --${option} to be a number above zero, received "${text}". ${usage}`)
}
