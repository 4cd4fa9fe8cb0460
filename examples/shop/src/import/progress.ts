// Shows how far an import is: a bar that redraws itself on a terminal, a line now and then anywhere else.
import { countsIn, invoicesIn } from './tally.ts'
import type { Tally } from './tally.ts'

export interface Output {
  readonly isTTY?: boolean | undefined
  write(text: string): unknown
}
export interface Progress {
  show(tally: Tally, bytesRead: number): void
  /** A line of its own, above the bar. */
  say(line: string): void
  /** Leaves the terminal clean. */
  end(): void
}

const barWidth = 28
const redrawMs = 100
const lineEveryPercent = 10
const clearLine = '\r\u001B[2K'

/** @param bytesAll size of the file; 0 counts as read. */
export function createProgress(output: Output, bytesAll: number): Progress {
  const begin = performance.now()
  const percentOf = (bytesRead: number): number => (bytesAll === 0 ? 100 : Math.floor((bytesRead / bytesAll) * 100))
  const textOf = (tally: Tally, percent: number): string => {
    const invoices = invoicesIn(tally)
    const rate = Math.round(invoices / Math.max((performance.now() - begin) / 1_000, 0.001))
    return `${String(percent).padStart(3)} %  ${invoices} invoice${invoices === 1 ? '' : 's'}, ${countsIn(tally.rejected)} rejected, ${rate} per second`
  }
  return output.isTTY === true ? bar(output, percentOf, textOf) : lines(output, percentOf, textOf)
}

type PercentOf = (bytesRead: number) => number
type TextOf = (tally: Tally, percent: number) => string

function bar(output: Output, percentOf: PercentOf, textOf: TextOf): Progress {
  let drawnAt = -Infinity
  return {
    show: (tally, bytesRead) => {
      const percent = percentOf(bytesRead)
      if (performance.now() - drawnAt < redrawMs) return
      drawnAt = performance.now()
      const filled = Math.round((percent / 100) * barWidth)
      output.write(`${clearLine}[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${textOf(tally, percent)}`)
    },
    say: (line) => output.write(`${clearLine}${line}\n`),
    end: () => output.write(clearLine),
  }
}

function lines(output: Output, percentOf: PercentOf, textOf: TextOf): Progress {
  let next = lineEveryPercent
  return {
    show: (tally, bytesRead) => {
      const percent = percentOf(bytesRead)
      if (percent < next) return
      next = percent - (percent % lineEveryPercent) + lineEveryPercent
      output.write(`${textOf(tally, percent)}\n`)
    },
    say: (line) => output.write(`${line}\n`),
    end: () => undefined,
  }
}
