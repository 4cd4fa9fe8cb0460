// Finds the command that the first words name.
import { closest } from '@gesta/core/host'
import type { Command } from './command.ts'
import { UsageError } from './usage-error.ts'

export interface FoundCommand {
  readonly command: Command
  /** What follows its name. */
  readonly rest: readonly string[]
}

const wordsMax = 2

/** Errors: `UsageError`, with what was probably meant. */
export function findCommand(args: readonly string[], commands: readonly Command[]): FoundCommand {
  const words = wordsOf(args)
  for (let count = words.length; count > 0; count -= 1) {
    const name = words.slice(0, count).join(' ')
    const command = commands.find((candidate) => candidate.name === name)
    if (command !== undefined) return { command, rest: args.slice(count) }
  }
  throw new UsageError(unknownCommand(words, commands))
}

/** The commands whose names begin with this word. */
export function commandsOf(group: string, commands: readonly Command[]): readonly Command[] {
  return commands.filter(({ name }) => name.startsWith(`${group} `))
}

function wordsOf(args: readonly string[]): readonly string[] {
  const end = args.findIndex((argument) => argument.startsWith('-'))
  return args.slice(0, Math.min(end < 0 ? args.length : end, wordsMax))
}

function unknownCommand(words: readonly string[], commands: readonly Command[]): string {
  const [group, given] = words
  if (group === undefined) return 'Expected a command first. "gesta help" lists them.'
  const ofGroup = commandsOf(group, commands).map(({ name }) => name.slice(group.length + 1))
  if (ofGroup.length > 0) {
    if (given === undefined) return `Expected one of "gesta ${group}": ${ofGroup.join(', ')}; received none.`
    const near = closest(given, ofGroup)
    const hint = near === undefined ? `There are: ${ofGroup.join(', ')}.` : `Did you mean "gesta ${group} ${near}"?`
    return `There is no command "gesta ${group} ${given}". ${hint}`
  }
  const near =
    closest(
      words.join(' '),
      commands.map(({ name }) => name),
    ) ?? closest(group, groupsOf(commands))
  const hint = near === undefined ? '"gesta help" lists the commands.' : `Did you mean "gesta ${near}"?`
  return `There is no command "gesta ${group}". ${hint}`
}

const groupsOf = (commands: readonly Command[]): readonly string[] => [
  ...new Set(commands.map(({ name }) => name.split(' ')[0] ?? '')),
]
