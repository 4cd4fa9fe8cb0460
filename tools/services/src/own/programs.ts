// Programs of servers: where they are, and which version they say they are.
import { execFile } from 'node:child_process'
import { accessSync, constants, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { ServerUser } from './server-user.ts'

const suffix = process.platform === 'win32' ? '.exe' : ''

/** The first folder that has all the programs: of the PATH, then of the others. Links are followed. */
export function folderOf(programs: readonly string[], others: readonly string[] = []): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...others]
  const folder = folders.find((candidate) => programs.every((program) => isProgram(join(candidate, program + suffix))))
  return folder === undefined ? undefined : dirname(realpathSync(join(folder, (programs[0] ?? '') + suffix)))
}

/** Asks a program for its version, as the user who will run it: so it is known to start. */
export async function versionOf(program: string, user?: ServerUser): Promise<string> {
  const { stdout } = await promisify(execFile)(program, ['--version'], { ...user })
  const version = /\d+(?:\.\d+)+/.exec(stdout)?.[0]
  if (version === undefined) throw new Error(`${program} does not tell its version, but: ${stdout.trim()}`)
  return version
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
