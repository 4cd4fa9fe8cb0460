// Where files are written while measuring: on a disk. A temporary directory in memory would acknowledge what no disk has.
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const tmpfs = 0x01021994
const ramfs = 0x858458f6

export interface Scratch extends Disposable {
  readonly path: string
}

/** A new directory, removed with everything in it when disposed: in the system's temporary one, or here when that lies in memory. */
export function createScratch(): Scratch {
  const path = newFolder(isInMemory(tmpdir()) ? process.cwd() : tmpdir())
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** A new, empty folder in this one. */
export function newFolder(parent: string): string {
  return mkdtempSync(join(parent, 'gesta-bench-'))
}

export function isInMemory(path: string): boolean {
  return [tmpfs, ramfs].includes(statfsSync(path).type)
}
