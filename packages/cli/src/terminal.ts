// Where the command runs: its folder, and the people or programs that it talks to.
import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { visible, visibleInLine } from './visible.ts'

export interface Terminal {
  /** Relative paths are relative to this folder, and adapters are found from it. */
  readonly folder: string
  /** Whether somebody watches what is printed: progress is shown then. */
  readonly isWatched: boolean
  /** Whether somebody can be asked. */
  readonly canAsk: boolean
  /** A line on standard output: the answer. */
  print(text: string): void
  /** Text on standard output exactly as it is: what other programs read. Resolves when there is room for more. */
  write(text: string): Promise<void>
  /** A line on standard error: what went wrong, or is to be known beside the answer. */
  note(text: string): void
  /** Shows a line in the place of the one before; the empty text takes it away. Only where somebody watches. */
  progress(text: string): void
  /** Whether the answer to a question was yes. */
  confirm(question: string): Promise<boolean>
}

/** The terminal of this process. */
export function openTerminal(): Terminal {
  const { stdin, stdout, stderr } = process
  return {
    folder: process.cwd(),
    isWatched: stdout.isTTY,
    canAsk: stdin.isTTY && stderr.isTTY,
    print: (text) => void stdout.write(`${visible(text)}\n`),
    write: async (text) => {
      if (!stdout.write(text)) await once(stdout, 'drain')
    },
    note: (text) => void stderr.write(`${visible(text)}\n`),
    progress: (text) => {
      // A line that is wrapped could not be taken away again.
      if (stdout.isTTY) stdout.write(`\r\u001B[K${visibleInLine(text).slice(0, stdout.columns - 1)}`)
    },
    confirm: async (question) => {
      const asking = createInterface({ input: stdin, output: stderr })
      try {
        return /^y(?:es)?$/i.test((await asking.question(`${question} [y/N] `)).trim())
      } finally {
        asking.close()
      }
    },
  }
}
