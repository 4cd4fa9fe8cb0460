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
  /** Whether the consumers of a group work at the same time. */
  readonly unordered: boolean
}
/** Something that the caller has to write differently; the message says how. */
export class WrongArguments extends Error {}

const options = {
  broker: { type: 'string' },
  messages: { type: 'string' },
  seed: { type: 'string' },
  unordered: { type: 'boolean' },
} as const
const usage = `Usage: npm run ledger -- [--broker ${brokers.join('|')}] [--messages N] [--seed N] [--unordered]`
/** Those that have unordered groups. */
const sharing: readonly BrokerName[] = ['nats', 'redis']
const messagesDefault = 2_000
/** Each part of a run has some. */
const messagesMin = 100

/** Errors: `WrongArguments`. */
export function readArguments(given: readonly string[]): Arguments {
  const { broker, messages, seed, unordered = false } = parse(given)
  if (broker !== undefined && !isBroker(broker))
    throw new WrongArguments(`Expected --broker to be one of ${brokers.join(', ')}, received "${broker}". ${usage}`)
  const ran = broker === undefined ? (unordered ? sharing : brokers) : [broker]
  if (unordered && !ran.every((name) => sharing.includes(name)))
    throw new WrongArguments(
      `Expected --unordered with ${sharing.join(' or ')}, received it with ${broker}, whose groups are in order. ${usage}`,
    )
  return {
    brokers: ran,
    unordered,
    messages: wholeOf('messages', messages, messagesDefault, messagesMin),
    seed: wholeOf('seed', seed, randomInt(1, 2 ** 31), 1),
  }
}

interface Given {
  readonly broker?: string | undefined
  readonly messages?: string | undefined
  readonly seed?: string | undefined
  readonly unordered?: boolean | undefined
}

function parse(given: readonly string[]): Given {
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
