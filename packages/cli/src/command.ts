// A command: what it is called, what it takes and what it does. Arguments are read, and help is written, from these parts alone.
import type { ExitCode } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'

interface OptionParts {
  /** What help calls the value, such as `PATH`; absent: a switch. */
  readonly value?: string
  readonly about: string
}
/** An option that takes a value. */
export interface ValueOption extends OptionParts {
  readonly value: string
}
export interface Options {
  readonly [name: string]: OptionParts
}
/** The value of an option that takes one, `true` for a switch; of options that are not known by name, either. */
export type ValuesOf<Given extends Options> = {
  readonly [Name in keyof Given]?: ValueOf<Given[Name]> | undefined
}
type ValueOf<Option extends OptionParts> = OptionParts extends Option
  ? string | true
  : Option extends { readonly value: string }
    ? string
    : true
export interface Arguments<Given extends Options> {
  /** As many as the command takes. */
  readonly operands: readonly string[]
  readonly values: ValuesOf<Given>
}
/** What a command found out or did. */
export interface Answer {
  /** For people; absent when everything was written already. */
  readonly text: string | undefined
  /** The same for programs: what `--json` prints. */
  readonly value: unknown
  /** Default `done`. */
  readonly exit?: ExitCode
}
export interface Command<Given extends Options = Options> {
  /** One or two words. */
  readonly name: string
  /** `NAME` has to be there, `[NAME]` may be, `[NAME...]` takes all that are. */
  readonly operands: readonly string[]
  /** One line. */
  readonly about: string
  /** What help adds about the command alone. */
  readonly details?: string
  readonly options: Given
  run(given: Arguments<Given>, terminal: Terminal): Promise<Answer>
}

/** A command as the table has it; `run` sees its own options. */
export function defineCommand<const Given extends Options>(parts: Command<Given>): Command {
  return parts
}
