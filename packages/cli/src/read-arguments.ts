// Reads what follows a command's name: its options and operands. What it does not know it refuses.
import { parseArgs } from 'node:util'
import { closest } from '@gesta/core/host'
import type { Arguments, Command, Options } from './command.ts'
import { UsageError } from './usage-error.ts'

/** Every command has these. */
export const commonOptions: Options = {
  json: { about: 'print JSON, for programs' },
  help: { about: 'print this text' },
}

/** Errors: `UsageError`. */
export function readArguments(command: Command, args: readonly string[]): Arguments<Options> {
  const options: Options = { ...command.options, ...commonOptions }
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(options).map(([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' }]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const values: { [name: string]: string | true } = {}
  const operands: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value)
    if (token.kind !== 'option') continue
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined
    if (option === undefined) throw new UsageError(unknownOption(token.rawName, command, Object.keys(options)))
    if (values[token.name] !== undefined) throw new UsageError(`Expected --${token.name} once, received it twice.`)
    values[token.name] = option.value === undefined ? switchedOn(token) : valueOf(token, option.value)
  }
  if (values['help'] === undefined) checkOperands(command, operands)
  return { operands, values }
}

interface OptionToken {
  readonly name: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

function switchedOn({ name, value }: OptionToken): true {
  if (value !== undefined) throw new UsageError(`Expected --${name} without a value, received one.`)
  return true
}

/** A value that looks like an option is one that was forgotten; `--reason=--` says that it is meant. */
function valueOf({ name, value, inlineValue }: OptionToken, called: string): string {
  if (value === undefined || value === '' || (value.startsWith('-') && inlineValue !== true))
    throw new UsageError(`Expected --${name} ${called}, received no ${called}.`)
  return value
}

function unknownOption(given: string, { name }: Command, known: readonly string[]): string {
  const near = closest(given.replace(/^-+/, ''), known)
  const hint = near === undefined ? `"gesta help ${name}" lists its options.` : `Did you mean "--${near}"?`
  return `"gesta ${name}" has no option "${given}". ${hint}`
}

function checkOperands({ name, operands }: Command, given: readonly string[]): void {
  const least = operands.filter((operand) => !operand.startsWith('[')).length
  const most = operands.some((operand) => operand.endsWith('...]')) ? Infinity : operands.length
  if (given.length >= least && given.length <= most) return
  const expected = operands.length === 0 ? 'nothing' : operands.join(' ')
  const received = given.length === 0 ? 'nothing' : given.map((operand) => `"${operand}"`).join(' ')
  throw new UsageError(`Expected ${expected} after "gesta ${name}", received ${received}.`)
}
