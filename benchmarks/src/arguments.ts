// The command line: the suites to run and how much effort they take.
import { parseArgs } from 'node:util'
import type { Effort } from './measure.ts'

export interface Arguments extends Effort {
  readonly suites: readonly string[]
  readonly json: boolean
  /** Events of the log that the suite read-models builds its views from; records of the long log of the suite command-log. */
  readonly events: number | undefined
  /** Seconds that the suite jobs holds an old transaction open. */
  readonly held: number | undefined
}
/** Something that the caller has to write differently; the message says how. */
export class WrongArguments extends Error {}

const roundsDefault = 15
const secondsDefault = 0.25
const [eventsStep, eventsMax] = [1_000, 5_000_000]
const options = {
  json: { type: 'boolean' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  events: { type: 'string' },
  held: { type: 'string' },
} as const
const knownOptions = '--json, --rounds <number>, --seconds <number>, --events <number>, --held <seconds>'

/** Errors: `WrongArguments`. */
export function readArguments(given: readonly string[], known: readonly string[]): Arguments {
  const { values, positionals } = parse(given)
  const usage = `Suites: ${known.join(', ')}. Options: ${knownOptions}.`
  if (positionals.length === 0) throw new WrongArguments(`Expected the name of a suite. ${usage}`)
  for (const name of positionals)
    if (!known.includes(name)) throw new WrongArguments(`Expected the name of a suite, received "${name}". ${usage}`)
  const rounds = numberOf('rounds', values.rounds, roundsDefault)
  if (!Number.isInteger(rounds)) throw new WrongArguments(`Expected --rounds to be a whole number, received ${rounds}.`)
  const events = values.events === undefined ? undefined : numberOf('events', values.events, eventsMax)
  if (events !== undefined && (events % eventsStep !== 0 || events > eventsMax))
    throw new WrongArguments(
      `Expected --events to be a multiple of ${eventsStep}, at most ${eventsMax}, received ${events}.`,
    )
  return {
    suites: positionals,
    json: values.json ?? false,
    rounds,
    seconds: numberOf('seconds', values.seconds, secondsDefault),
    events,
    held: values.held === undefined ? undefined : numberOf('held', values.held, 0),
  }
}

function parse(given: readonly string[]) {
  try {
    return parseArgs({ args: [...given], options, allowPositionals: true })
  } catch (error) {
    throw new WrongArguments(`${(error as Error).message.split('. ')[0]}. Known options: ${knownOptions}.`)
  }
}

function numberOf(option: string, text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault
  const number = Number(text)
  if (!(number > 0 && Number.isFinite(number)))
    throw new WrongArguments(`Expected --${option} to be a number above zero, received "${text}".`)
  return number
}
