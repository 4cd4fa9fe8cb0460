// The folder of a data store: `gesta-data.json` says what it is, `objects` holds a folder per tenant with a folder per bucket with a
// file per object, and in `writing` lies what is not yet, or no longer, one of them.
import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { GestaError } from '@gesta/core/ports'
import type { Clock, ObjectKey } from '@gesta/core/ports'
import { fileError, isFileError } from './file-errors.ts'
import { fileName } from './file-names.ts'
import { entriesOf } from './ordered-names.ts'
import { flushFolder, makeFolder, replaceFile } from './replace-file.ts'

const marker = 'gesta-data.json'
const format = 1
/** What is being written for longer belongs to nobody. */
const writingHoursMax = 24
const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
/** Tells this process from an earlier one that had the same number. */
const self = `${host}.${process.pid}.${randomUUID()}`

export interface DataFolder {
  readonly path: string
  readonly readOnly: boolean
  readonly objects: string
  tenant(tenant: string): string
  bucket(key: Pick<ObjectKey, 'tenant' | 'bucket'>): string
  object(key: ObjectKey): string
  /** A path in `writing` that nobody else uses. */
  aside(): string
  /** Removes a folder of `objects`: for everybody at once, and then bit by bit. */
  discard(folder: string): Promise<void>
}

/** Errors: `store_foreign`, `store_newer`, and those of the file system as codes. */
export async function openDataFolder(
  path: string,
  readOnly: boolean,
  clock: Pick<Clock, 'nowUs'>,
): Promise<DataFolder> {
  const folder = foldersIn(path, readOnly)
  try {
    const isNew = await checkOrigin(path, readOnly)
    if (isNew) {
      const text = `${JSON.stringify({ what: 'a data store of gesta', format })}\n`
      await replaceFile({ path: join(path, marker), aside: folder.aside(), parts: [Buffer.from(text)] })
    }
    if (!readOnly) {
      await makeFolder(folder.objects)
      await sweep(join(path, 'writing'), clock.nowUs())
    }
    return folder
  } catch (error) {
    throw fileError(error, path)
  }
}

function foldersIn(path: string, readOnly: boolean): DataFolder {
  const objects = join(path, 'objects')
  const tenant: DataFolder['tenant'] = (name) => join(objects, fileName('tenant', name))
  const bucket: DataFolder['bucket'] = (key) => join(tenant(key.tenant), fileName('bucket', key.bucket))
  let count = 0
  const aside = (): string => join(path, 'writing', `${self}.${(count += 1)}.${randomUUID()}`)
  return {
    path,
    readOnly,
    objects,
    tenant,
    bucket,
    object: (key) => join(bucket(key), fileName('object', key.object)),
    aside,
    discard: async (folder) => {
      const discarded = aside()
      await makeFolder(join(path, 'writing'))
      try {
        await rename(folder, discarded)
      } catch (error) {
        if (isFileError(error, 'ENOENT')) return
        throw error
      }
      await flushFolder(objects)
      await rm(discarded, { recursive: true, force: true })
    },
  }
}

/** Whether the folder is new. */
async function checkOrigin(path: string, readOnly: boolean): Promise<boolean> {
  const text = await readFile(join(path, marker), 'utf8').catch((error: unknown) => {
    if (isFileError(error, 'ENOENT')) return undefined
    throw error
  })
  if (text === undefined) {
    const names = await readdir(path).catch((error: unknown) => {
      if (isFileError(error, 'ENOENT') && !readOnly) return []
      throw error
    })
    // Only what a first start that was cut short may have left.
    if (readOnly || names.some((name) => name !== 'writing'))
      throw foreign(path, 'it has other files and no gesta-data.json')
    return true
  }
  const found = formatOf(text)
  if (found === undefined) throw foreign(path, 'its gesta-data.json is damaged')
  if (found > format) {
    throw new GestaError(
      'store_newer',
      `Expected the data in ${path} to have format ${format}, but it has ${found}: a newer version of gesta wrote it. Update @gesta/file.`,
      { facts: { path, format: found, formatMax: format } },
    )
  }
  return false
}

function formatOf(text: string): number | undefined {
  try {
    const { format: found } = JSON.parse(text) as { readonly format?: unknown }
    return Number.isSafeInteger(found) ? (found as number) : undefined
  } catch {
    return undefined
  }
}

function foreign(path: string, why: string): GestaError {
  return new GestaError(
    'store_foreign',
    `Expected ${path} to be a folder of a data store, or an empty one, but ${why}. Choose another folder.`,
    { facts: { path } },
  )
}

/** Removes what processes that are gone have left half-written. */
async function sweep(writing: string, nowUs: number): Promise<void> {
  for await (const { name } of entriesOf(writing)) {
    const path = join(writing, name)
    if (isLeft(name) || (await isOld(path, nowUs))) await rm(path, { recursive: true, force: true })
  }
}

function isLeft(name: string): boolean {
  if (name.startsWith(`${self}.`)) return false
  const [of, pid] = name.split('.')
  return of === host && (Number(pid) === process.pid || !isRunning(Number(pid)))
}

async function isOld(path: string, nowUs: number): Promise<boolean> {
  try {
    return nowUs / 1000 - (await stat(path)).mtimeMs > writingHoursMax * 3_600_000
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return false
    throw error
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isFileError(error, 'EPERM')
  }
}
