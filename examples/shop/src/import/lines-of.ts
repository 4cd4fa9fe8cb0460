// Reads a text file line by line, without ever holding more than a chunk and one line.
import { createReadStream } from 'node:fs'

export interface FileLine {
  readonly text: string
  /** From 1. */
  readonly number: number
  /** Bytes of the file that were read so far, for a progress bar. */
  readonly bytesRead: number
}

/** A line that is longer is cut here: no row of an invoice is, and a file without line ends must not fill the memory. */
export const lineLengthMax = 16_384

/** Errors: those of the file system; the signal's reason. */
export async function* linesOf(file: string, signal?: AbortSignal): AsyncGenerator<FileLine> {
  const stream = createReadStream(file, { signal })
  const decoder = new TextDecoder('utf-8')
  let number = 0
  let rest = ''
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const { bytesRead } = stream
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = (lines.pop() ?? '').slice(0, lineLengthMax)
    for (const line of lines) yield { text: withoutReturn(line), number: ++number, bytesRead }
  }
  rest += decoder.decode()
  if (rest !== '') yield { text: withoutReturn(rest), number: ++number, bytesRead: stream.bytesRead }
}

function withoutReturn(line: string): string {
  return (line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, lineLengthMax)
}
