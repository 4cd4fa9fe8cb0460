// Lists and counts of objects, read from the names of the files.
import { join } from 'node:path'
import type { Dirent } from 'node:fs'
import { compareText } from '@gesta/core/ports'
import type { DataUsage, ObjectFilter, ObjectHead } from '@gesta/core/ports'
import type { DataFolder } from './data-folder.ts'
import { textOfName } from './file-names.ts'
import { readHead } from './object-file.ts'
import { entriesOf, orderedNames } from './ordered-names.ts'

/** Heads that are read at a time. */
const readAtOnce = 32

export interface AskedHeads extends ObjectFilter {
  /** Bucket and object before the first one. */
  readonly after: readonly [string, string] | undefined
  readonly offset: number
  readonly limit: number
}

/** Heads in order, at most `limit`. Files that vanish meanwhile are left out. */
export async function listHeads(
  folder: DataFolder,
  { offset, limit, ...asked }: AskedHeads,
): Promise<readonly ObjectHead[]> {
  const heads: ObjectHead[] = []
  let paths: string[] = []
  const read = async (): Promise<void> => {
    const found = await Promise.all(paths.map(readHead))
    for (const head of found) if (head !== undefined) heads.push(head)
    paths = []
  }
  let leftOut = 0
  for await (const path of orderedPaths(folder, asked)) {
    if (leftOut < offset) {
      leftOut += 1
      continue
    }
    paths.push(path)
    if (paths.length < Math.min(readAtOnce, limit - heads.length)) continue
    await read()
    if (heads.length >= limit) return heads
  }
  await read()
  return heads
}

async function* orderedPaths(
  folder: DataFolder,
  { tenant, bucket, prefix = '', after }: Omit<AskedHeads, 'offset' | 'limit'>,
): AsyncGenerator<string> {
  for await (const each of bucketsOf(folder, tenant, bucket, after?.[0])) {
    const isBehind = (text: string): boolean =>
      text.startsWith(prefix) && (after?.[0] !== each.text || compareText(text, after[1]) > 0)
    for await (const { file } of orderedNames(each.path, objectName(each.path), isBehind)) yield join(each.path, file)
  }
}

/** Counts objects without reading them, unless their names are too long to be told from the files' names. */
export async function countObjects(folder: DataFolder, { tenant, bucket, prefix = '' }: ObjectFilter): Promise<number> {
  let count = 0
  for await (const { path } of bucketsOf(folder, tenant, bucket, undefined)) {
    const nameOf = objectName(path)
    for await (const entry of entriesOf(path)) {
      const known = prefix === '' ? textOfName('object', entry.name) : undefined
      if (known !== undefined || (await nameOf(entry))?.startsWith(prefix) === true) count += 1
    }
  }
  return count
}

/** What a folder of a tenant holds, or all of them. */
export async function usageOf(folder: DataFolder, tenant: string | undefined): Promise<DataUsage> {
  let [buckets, objects, bytes] = [0, 0, 0]
  for await (const path of tenant === undefined ? foldersIn(folder.objects, 'tenant') : [folder.tenant(tenant)]) {
    for await (const bucket of foldersIn(path, 'bucket')) {
      let inBucket = 0
      for await (const entry of entriesOf(bucket)) {
        if (textOfName('object', entry.name) === undefined) continue
        const head = await readHead(join(bucket, entry.name))
        if (head === undefined) continue
        inBucket += 1
        bytes += head.bytes
      }
      objects += inBucket
      if (inBucket > 0) buckets += 1
    }
  }
  return { buckets, objects, bytes }
}

/** Objects of a tenant, or of all. */
export async function totalOf(folder: DataFolder, tenant: string | undefined): Promise<number> {
  let count = 0
  for await (const path of tenant === undefined ? foldersIn(folder.objects, 'tenant') : [folder.tenant(tenant)]) {
    for await (const bucket of foldersIn(path, 'bucket')) {
      for await (const entry of entriesOf(bucket)) if (textOfName('object', entry.name) !== undefined) count += 1
    }
  }
  return count
}

/** The folders of tenants or buckets. */
export async function* foldersIn(path: string, kind: 'tenant' | 'bucket'): AsyncGenerator<string> {
  for await (const { name } of entriesOf(path)) if (textOfName(kind, name) !== undefined) yield join(path, name)
}

async function* bucketsOf(
  folder: DataFolder,
  tenant: string,
  bucket: string | undefined,
  from: string | undefined,
): AsyncGenerator<{ readonly text: string; readonly path: string }> {
  const isBehind = (text: string): boolean => from === undefined || compareText(text, from) >= 0
  if (bucket !== undefined) {
    if (isBehind(bucket)) yield { text: bucket, path: folder.bucket({ tenant, bucket }) }
    return
  }
  const path = folder.tenant(tenant)
  for await (const { text, file } of orderedNames(path, bucketName(path), isBehind))
    yield { text, path: join(path, file) }
}

/** The name of a bucket; a long one is known from any of its objects. */
function bucketName(tenantFolder: string): (entry: Dirent) => Promise<string | undefined> {
  return async ({ name }) => {
    const known = textOfName('bucket', name)
    if (known !== 'hashed') return known?.text
    for await (const entry of entriesOf(join(tenantFolder, name))) {
      if (textOfName('object', entry.name) === undefined) continue
      const head = await readHead(join(tenantFolder, name, entry.name))
      if (head !== undefined) return head.bucket
    }
    return undefined
  }
}

function objectName(bucketFolder: string): (entry: Dirent) => Promise<string | undefined> {
  return async ({ name }) => {
    const known = textOfName('object', name)
    return known === 'hashed' ? (await readHead(join(bucketFolder, name)))?.object : known?.text
  }
}
