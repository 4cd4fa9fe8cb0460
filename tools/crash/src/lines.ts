// Lines of a pipe. node:readline also ends a line at U+2028, which stands in the middle of JSON texts.
import type { Readable } from 'node:stream'

/** Calls `take` with each line that has ended. What is left behind the last one is dropped: its writer did not finish it. */
export function eachLine(stream: Readable, take: (line: string) => void): void {
  let begun = ''
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (begun + text).split('\n')
    begun = lines.pop() ?? ''
    for (const line of lines) take(line)
  })
}
