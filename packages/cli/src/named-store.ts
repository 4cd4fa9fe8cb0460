// Stores that the command line names. Their packages are those of the folder where the command runs: it depends on none itself.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Backend } from '@gesta/core'
import { UsageError } from './usage-error.ts'

interface Sqlite {
  sqlite(path: string): Backend
}
interface Postgres {
  postgres(options: { readonly url: string; readonly schema?: string | undefined; readonly mustExist: true }): Backend
}

/** `sqlite:PATH` or `postgres:URL`; the URL may stand alone. Errors: `UsageError`; plain ones for a package that is missing. */
export async function namedStore(text: string, schema: string | undefined, folder: string): Promise<Backend> {
  const [kind = '', rest = ''] = split(text)
  if (kind === 'sqlite' && schema !== undefined)
    throw new UsageError('Expected --schema with a postgres store only: one on SQLite has none.')
  if (kind === 'sqlite' && rest !== '') return sqliteStore(resolve(folder, rest), folder)
  if ((kind === 'postgres' || kind === 'postgresql') && rest !== '') {
    const { postgres } = await load<Postgres>('@gesta/postgres', folder)
    const url = rest.startsWith('//') ? text : rest
    return postgres({ url, mustExist: true, ...(schema !== undefined && { schema }) })
  }
  // The text may hold a password, so it is not repeated.
  throw new UsageError('Expected --store sqlite:PATH or --store postgres:URL, received something else.')
}

async function sqliteStore(path: string, folder: string): Promise<Backend> {
  // The package would make a store there.
  if (!existsSync(path)) throw new UsageError(`Expected a store at ${path}, but there is no file.`)
  const { sqlite } = await load<Sqlite>('@gesta/sqlite', folder)
  return sqlite(path)
}

const split = (text: string): readonly string[] => {
  const colon = text.indexOf(':')
  return colon < 0 ? [text] : [text.slice(0, colon), text.slice(colon + 1)]
}

async function load<Module>(name: string, folder: string): Promise<Module> {
  const path = pathOf(name, folder)
  return (await import(pathToFileURL(path).href)) as Module
}

function pathOf(name: string, folder: string): string {
  try {
    return createRequire(join(folder, 'package.json')).resolve(name)
  } catch (cause) {
    throw new Error(
      `Expected the package ${name} to be installed for ${folder}, but it is not. Install it there: npm install ${name}`,
      {
        cause,
      },
    )
  }
}
