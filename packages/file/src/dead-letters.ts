// The file of dead letters: records whose deliveries were given up. A record is written here before it is removed from the outbox, so
// that a crash between the two leaves it in both; whoever opens them next removes it from the outbox.
import { stat } from 'node:fs/promises'
import { isFileError } from './file-errors.ts'
import { openLineFile } from './line-file.ts'
import type { AtStep, LineFile } from './line-file.ts'
import { readLine } from './outbox-record.ts'

export interface DeadLetters extends AsyncDisposable {
  /** Records in the file. */
  readonly count: number
  /** Adds the lines of records, on the disk when it resolves. Rejects: none was added. */
  add(lines: readonly Buffer[]): Promise<void>
}

/** `isAsked` says of which ids it matters whether they are here. The file is made by the first letter. Errors: those of the file system. */
export async function openDeadLetters(
  path: string,
  isAsked: (id: string) => boolean,
  atStep: AtStep | undefined,
): Promise<{ readonly letters: DeadLetters; readonly found: readonly string[] }> {
  const found: string[] = []
  let count = 0
  const openFile = async (): Promise<LineFile> => {
    count = 0
    const onLine = (line: Buffer): void => {
      const letter = readLine(line)
      if (letter.kind !== 'record' && letter.kind !== 'unreadable') return
      count += 1
      if (letter.id !== undefined && isAsked(letter.id)) found.push(letter.id)
    }
    const opened = await openLineFile({ path, onLine, atStep: atStep && ((step) => atStep(`dead: ${step}`)) })
    // A letter that is torn is still in the outbox.
    if (opened.tail.byteLength > 0) await opened.file.cut(opened.file.size)
    return opened.file
  }
  let file = (await exists(path)) ? await openFile() : undefined
  return {
    found,
    letters: {
      get count() {
        return count
      },
      add: async (lines) => {
        file ??= await openFile()
        await file.append(Buffer.concat(lines))
        count += lines.length
      },
      [Symbol.asyncDispose]: async () => file?.[Symbol.asyncDispose](),
    },
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).size >= 0
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return false
    throw error
  }
}
