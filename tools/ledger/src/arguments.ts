// The command line: which broker, how many messages, with which seed.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { brokers } from './broker-place.ts'
import type { BrokerName } from './broker-place.ts'

export interface Arguments {
  readonly brokers: readonly BrokerName[]
  /** To each broker. */
  readonly messages: number
  readonly seed: number
}
/** Something that the caller has to write differently; the message says how. */
export class WrongArguments extends Error {}

const options = { broker: { type: 'string' }, messages: { type: 'string' }, seed: { type: 'string' } } as const
const usage = `Usage: npm run ledger -- [--broker ${brokers.join('|')}] [--messages N] [--seed N]`
const messagesDefault = 2_000
/** Each part of a run has some. */
const messagesMin = 100

/** Errors: `WrongArguments`. */
export function readArguments(given: readonly string[]): Arguments {
  const { broker, messages, seed } = parse(given)
  if (broker !== undefined && !isBroker(broker))
    throw new WrongArguments(`Expected --broker to be one of ${brokers.join(', ')}, received "${broker}". ${usage}`)
  return {
    brokers: broker === undefined ? brokers : [broker],
    messages: wholeOf('messages', messages, messagesDefault, messagesMin),
    seed: wholeOf('seed', seed, randomInt(1, 2 ** 31), 1),
  }
}

function parse(given: readonly string[]): { readonly [name in keyof typeof options]?: string | undefined } {
  try {
    return parseArgs({ args: [...given], options }).values
  } catch (error) {
    throw new WrongArguments(`${(error as Error).message.split('. ')[0]}. ${usage}`)
  }
}

function isBroker(name: string): name is BrokerName {
  return brokers.some((broker) => broker === name)
}

function wholeOf(option: string, text: string | undefined, byDefault: number, min: number): number {
  if (text === undefined) return byDefault
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= min) return number
  throw new WrongArguments(`Expected --${option} to be a whole number from ${min}, received "${text}". ${usage}`)
}
