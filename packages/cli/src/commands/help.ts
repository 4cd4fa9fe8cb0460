// `gesta help`: what there is, and what each command takes.
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { commandsOf, findCommand } from '../find-command.ts'
import { helpOf, overview } from '../help.ts'

/** Help on these commands, and on itself. */
export function createHelp(commands: readonly Command[]): Command {
  const help: Command = defineCommand({
    name: 'help',
    operands: ['[COMMAND...]'],
    about: 'What there is, or what one command takes',
    options: {},
    run: async ({ operands }) => {
      const all = [...commands, help]
      const ofGroup = operands.length === 1 ? commandsOf(operands[0] ?? '', all) : []
      const shown = ofGroup.length > 0 ? ofGroup : operands.length > 0 ? [findCommand(operands, all).command] : all
      const [only] = shown
      const text = shown.length === 1 && only !== undefined ? helpOf(only) : overview(shown)
      return {
        text,
        value: shown.map(({ name, operands: takes, about, options }) => ({ name, takes, about, options })),
      }
    },
  })
  return help
}
