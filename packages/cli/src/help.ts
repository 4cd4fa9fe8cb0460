// Help, made from the table of commands.
import type { Command, Options } from './command.ts'
import { commonOptions } from './read-arguments.ts'
import { tableOf } from './table.ts'

const exitCodes = 'Exit codes: 0 done; 1 it failed; 2 the command line is wrong; 3 a check found differences.'

/** What there is, a line each. */
export function overview(commands: readonly Command[]): string {
  const lines = tableOf(commands.map((command) => [`  gesta ${callOf(command)}`, command.about]))
  return `Usage: gesta COMMAND [options]\n\n${lines}\n\n"gesta help COMMAND" tells more, "gesta --version" the version.\n${exitCodes}`
}

/** One command, with its options. */
export function helpOf(command: Command): string {
  const options: Options = { ...command.options, ...commonOptions }
  const lines = Object.entries(options).map(([name, { value, about }]) => [
    value === undefined ? `  --${name}` : `  --${name} ${value}`,
    about,
  ])
  const details = command.details === undefined ? '' : `\n\n${command.details}`
  return `Usage: gesta ${callOf(command)} [options]\n\n${command.about}.${details}\n\n${tableOf(lines)}\n\n${exitCodes}`
}

const callOf = ({ name, operands }: Command): string => [name, ...operands].join(' ')
