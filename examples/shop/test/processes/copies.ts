// Makes larger files of the sample: copies with invoice numbers and customers of their own, so every copy is fresh data.
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { sampleFile } from '../../src/load-sample.ts'

/** @param from the first copy's number: files with different numbers share no invoice. */
export async function writeCopies(file: string, copies: number, from = 1, source = sampleFile): Promise<void> {
  await using output = await open(file, 'w')
  for (let copy = from; copy < from + copies; copy++) {
    let header: string | undefined
    const lines: string[] = []
    for await (const line of createInterface({ input: createReadStream(source) })) {
      if (header === undefined) header = line
      else lines.push(line.replace(/^C?\d+/, `$&${copy}`).replace(/,(\d+)\.0,([^,]*)$/, `,$1${copy}.0,$2`))
    }
    await output.write(`${copy === from ? `${header}\n` : ''}${lines.join('\n')}\n`)
  }
}
