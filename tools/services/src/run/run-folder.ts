// The folder by which a run and its test files tell each other things.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folderOfRun = /^gesta-run-(\d+)-/

/** A new folder that is removed when it is disposed. Those of runs that were killed are removed now. */
export function newRunFolder(): { readonly folder: string } & Disposable {
  for (const name of readdirSync(tmpdir())) {
    const pid = folderOfRun.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) remove(join(tmpdir(), name))
  }
  const folder = mkdtempSync(join(tmpdir(), `gesta-run-${process.pid}-`))
  return { folder, [Symbol.dispose]: () => remove(folder) }
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of somebody else may not be asked, and lives.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
