// Reading a file of a configuration: whole, at one moment, and of a size that a configuration has.
import { open, stat } from 'node:fs/promises'
import { GestaError } from '@gesta/core/host'

const bytesMax = 1024 * 1024

export interface FileText {
  /** `undefined`: there is no file. */
  readonly text: string | undefined
  /** What was there, as `markOf` tells it. */
  readonly mark: string
}

/** Another text after every change: of the content, of the rights, of the file that a link leads to. Never rejects. */
export async function markOf(path: string): Promise<string> {
  try {
    const { ino, dev, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(':')
  } catch (cause) {
    return codeOf(cause)
  }
}

/** Errors: `config_unreadable`. */
export async function readText(path: string, signal: AbortSignal): Promise<FileText> {
  const mark = await markOf(path)
  if (mark === 'ENOENT') return { text: undefined, mark }
  try {
    // A pipe or a device may never end; opening one may wait for ever.
    if (!(await stat(path)).isFile()) throw unreadable(path, 'to be a file', 'something else')
    await using file = await open(path, 'r')
    const { size } = await file.stat()
    if (size > bytesMax) throw unreadable(path, `to have at most ${bytesMax} bytes`, `${size}`)
    const bytes = await file.readFile({ signal })
    // Somebody is writing: what was read may be half of it.
    if ((await markOf(path)) !== mark) throw unreadable(path, 'to stay as it is while it is read', 'a change')
    return { text: textOf(path, bytes), mark }
  } catch (cause) {
    if (cause instanceof GestaError) throw cause
    if (signal.aborted) throw signal.reason
    throw unreadable(path, 'to be a file that can be read', codeOf(cause))
  }
}

/** A mark of its order at the beginning is no part of a text; what is no text would be read as another one. */
function textOf(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw unreadable(path, 'to be text in UTF-8', 'something else')
  }
}

export function unreadable(path: string, expected: string, received: string): GestaError {
  return new GestaError('config_unreadable', `Expected ${path} ${expected}, received ${received}.`)
}

/** Of an error of the system; its message may say more than is anybody's business. */
export function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'an error'
}
