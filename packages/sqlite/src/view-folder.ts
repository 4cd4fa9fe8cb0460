// The folder of views: which ones lie in it, and how one goes. What is damaged or somebody else's is no view, and is left alone.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { compareText, isGestaError } from '@gesta/core/ports'
import type { ViewName } from '@gesta/core/ports'
import { firstRow, openForReading, openPlain, prepareRows } from './database.ts'
import type { Database } from './database.ts'
import { isNewFile, viewKind } from './file-origin.ts'
import { isReadOnly, resultCode, sqlError, storeError } from './sqlite-errors.ts'
import { viewFileName } from './view-file.ts'

const readView = 'SELECT name, model_version, generation FROM view WHERE id = 1'
/** What cannot be a view of this version, whatever else is done; a disk that fails is not among it. */
const noView = ['store_foreign', 'store_newer', 'schema_drift'] as const

/** By name, version and generation. */
export function listViews(folder: string): readonly ViewName[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((file) => /\.\d+\.\d+\.sqlite$/.test(file))
    .map((file) => viewIn(folder, file))
    .filter((view) => view !== undefined)
    .sort(compareViews)
}

/** The file goes first: SQLite forgets a log whose file is not there, but would take up a file whose log is missing. */
export function removeViewFile(path: string): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(`${path}${ending}`, { force: true })
}

/** A file that was copied to another name is not the view that it names, either. */
function viewIn(folder: string, file: string): ViewName | undefined {
  const path = join(folder, file)
  try {
    const view = viewNameIn(path)
    return view !== undefined && viewFileName(view) === file ? view : undefined
  } catch (error) {
    // It has our mark and not our tables.
    if (resultCode(error) === sqlError) return undefined
    const known = storeError(error, path)
    if (noView.some((code) => isGestaError(known, code))) return undefined
    throw known
  }
}

/** A file whose process was killed while it made it is brought to rest by the first connection, which has to be one that may write. */
function viewNameIn(path: string): ViewName | undefined {
  try {
    return readViewName(path, openForReading(path))
  } catch (error) {
    if (!isReadOnly(error)) throw error
    return readViewName(path, openPlain(path))
  }
}

function readViewName(path: string, db: Database): ViewName | undefined {
  try {
    if (isNewFile(db, { path, kind: viewKind })) return undefined
    const [name, modelVersion, generation] = firstRow(prepareRows(db, readView)) ?? []
    if (typeof name !== 'string') return undefined
    return { name, modelVersion: Number(modelVersion), generation: Number(generation) }
  } finally {
    db.close()
  }
}

function compareViews(a: ViewName, b: ViewName): number {
  return compareText(a.name, b.name) || a.modelVersion - b.modelVersion || a.generation - b.generation
}
