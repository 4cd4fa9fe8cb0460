// The command line: how long, on which store, with which seed.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'

const stores = ['sqlite', 'postgres'] as const
export type StoreName = (typeof stores)[number]

export interface Arguments {
  /** On each store. */
  readonly minutes: number
  readonly stores: readonly StoreName[]
  readonly seed: number
}
/** Something that the caller has to write differently; the message says how. */
export class WrongArguments extends Error {}

const options = { minutes: { type: 'string' }, store: { type: 'string' }, seed: { type: 'string' } } as const
const usage = 'Usage: npm run crash -- --minutes N [--store sqlite|postgres] [--seed N]'

/** Errors: `WrongArguments`. */
export function readArguments(given: readonly string[]): Arguments {
  const { minutes, store, seed } = parse(given)
  if (store !== undefined && !isStore(store))
    throw new WrongArguments(`Expected --store to be ${stores.join(' or ')}, received "${store}". ${usage}`)
  return {
    minutes: numberOf('minutes', minutes, 1),
    stores: store === undefined ? stores : [store],
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

function isStore(name: string): name is StoreName {
  return stores.some((store) => store === name)
}

function numberOf(option: string, text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault
  const number = Number(text)
  if (number > 0 && Number.isFinite(number)) return number
  throw new WrongArguments(`Expected --${option} to be a number above zero, received "${text}". ${usage}`)
}
