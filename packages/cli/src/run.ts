// Runs one command line to its exit code: finds the command, prints what it answers, and says in a sentence what went wrong.
import type { Command } from './command.ts'
import { commands } from './commands.ts'
import { createHelp } from './commands/help.ts'
import { done, failed, wrongUsage } from './exit-codes.ts'
import type { ExitCode } from './exit-codes.ts'
import { findCommand } from './find-command.ts'
import { helpOf, overview } from './help.ts'
import { readArguments } from './read-arguments.ts'
import { sentenceOf } from './sentence.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import { version } from './version.ts'

const table: readonly Command[] = [...commands, createHelp(commands)]

export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    const [first] = args
    if (first === undefined) {
      terminal.note(overview(table))
      return wrongUsage
    }
    if (first === '--version' || first === '--help') {
      terminal.print(first === '--help' ? overview(table) : await version())
      return done
    }
    return await runCommand(args, terminal)
  } catch (error) {
    terminal.progress('')
    terminal.note(`gesta: ${sentenceOf(error)}`)
    return error instanceof UsageError ? wrongUsage : failed
  }
}

async function runCommand(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { command, rest } = findCommand(args, table)
  const given = readArguments(command, rest)
  if (given.values['help'] !== undefined) {
    terminal.print(helpOf(command))
    return done
  }
  const { text, value, exit = done } = await command.run(given, terminal)
  const shown = given.values['json'] === undefined ? text : JSON.stringify(value, undefined, 2)
  if (shown !== undefined) terminal.print(shown)
  return exit
}
