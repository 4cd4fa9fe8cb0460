// Reads a text file line by line, without ever holding more than a chunk and one line.
import { createReadStream } from 'node:fs'

export interface FileLine {
  readonly text: string
  /** From 1. */
  readonly number: number
  /** Bytes of the file up to the end of this line, for a progress bar. */
  readonly bytesRead: number
}

/** A line that is longer is cut here: no row of an invoice is, and a file without line ends must not fill the memory. */
const lineLengthMax = 16_384

/** Errors: those of the file system; the signal's reason. */
export async function* linesOf(file: string, signal?: AbortSignal): AsyncGenerator<FileLine> {
  const decoder = new TextDecoder('utf-8')
  let number = 0
  let bytesRead = 0
  let rest = ''
  const lineOf = (line: string): FileLine => {
    bytesRead += Buffer.byteLength(line) + 1
    return { text: withoutReturn(line), number: ++number, bytesRead }
  }
  for await (const chunk of createReadStream(file, { signal }) as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = (lines.pop() ?? '').slice(0, lineLengthMax)
    for (const line of lines) yield lineOf(line)
  }
  rest += decoder.decode()
  if (rest !== '') yield lineOf(rest)
}

function withoutReturn(line: string): string {
  return (line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, lineLengthMax)
}
