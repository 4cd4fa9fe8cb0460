// The names in a folder, in order, without holding all of them: the folder is read as often as its names fill a bounded list.
import { opendir } from 'node:fs/promises'
import type { Dirent } from 'node:fs'
import { compareText } from '@gesta/core/ports'
import { isFileError } from './file-errors.ts'

export interface FoundName {
  /** The text that the file or folder is called after. */
  readonly text: string
  readonly file: string
}
/** The text behind an entry of the folder; `undefined` for one that is not asked for. */
export type ReadName = (entry: Dirent) => Promise<string | undefined> | string | undefined

/** Names that are held at a time. */
const heldMax = 10_000

/** Entries of a folder in no order. A folder that is not there, or vanishes while it is read, has no more. */
export async function* entriesOf(folder: string): AsyncGenerator<Dirent> {
  try {
    yield* await opendir(folder)
  } catch (error) {
    if (!isFileError(error, 'ENOENT', 'ENOTDIR')) throw error
  }
}

/** Names that are asked for, by code points, from the first one that `isBehind` accepts. */
export async function* orderedNames(
  folder: string,
  read: ReadName,
  isBehind: (text: string) => boolean,
): AsyncGenerator<FoundName> {
  let accept = isBehind
  for (;;) {
    const names = await firstNames(folder, read, accept)
    yield* names
    const last = names.at(-1)?.text
    if (last === undefined || names.length < heldMax) return
    accept = (text) => compareText(text, last) > 0
  }
}

async function firstNames(
  folder: string,
  read: ReadName,
  accept: (text: string) => boolean,
): Promise<readonly FoundName[]> {
  let names: FoundName[] = []
  for await (const entry of entriesOf(folder)) {
    const text = await read(entry)
    if (text === undefined || !accept(text)) continue
    names.push({ text, file: entry.name })
    if (names.length === 2 * heldMax) names = names.sort(byText).slice(0, heldMax)
  }
  return names.sort(byText).slice(0, heldMax)
}

function byText(a: FoundName, b: FoundName): number {
  return compareText(a.text, b.text)
}
