// The file of objects, `<path>.data`. What was stored is on the disk before it is answered, in both modes of the store; what was
// deleted is overwritten.
import { hash } from 'node:crypto'
import { afterPrefix } from '@gesta/core/ports'
import type { DataUsage, NewObject, ObjectFilter, ObjectHead, ObjectKey, StoredObject } from '@gesta/core/ports'
import { allOf, createStatements } from './conditions.ts'
import type { Condition } from './conditions.ts'
import { allRows, firstRow } from './database.ts'
import type { Database, Row } from './database.ts'
import { objects } from './migrations/data/0001-objects.ts'
import { emptyWriteAheadLog, fileBytes } from './side-file.ts'
import type { SideFile } from './side-file.ts'

const headColumns = 'tenant, bucket, object, content_type, is_public, bytes, hash, stored_at'
const byKey = 'tenant = ? AND bucket = ? AND object = ?'

const writeObject = `INSERT OR REPLACE INTO objects (${headColumns}, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
const copyObject = `INSERT OR REPLACE INTO objects (${headColumns}, content)
  SELECT tenant, ?, ?, content_type, is_public, bytes, hash, ?, content FROM objects WHERE ${byKey}`
const readHead = `SELECT ${headColumns} FROM objects WHERE ${byKey}`
const readContent = `SELECT content FROM objects WHERE ${byKey}`
const deleteObject = `DELETE FROM objects WHERE ${byKey}`
const deleteTenant = 'DELETE FROM objects WHERE tenant = ?'
const deleteAll = 'DELETE FROM objects'
const countObjects = 'SELECT count(*) FROM objects'
const usageOf = (where: string): string =>
  `SELECT count(DISTINCT tenant || char(0) || bucket), count(*), coalesce(sum(bytes), 0) FROM objects WHERE ${where}`

/** A list's question, checked and with its defaults. */
interface AskedObjects extends ObjectFilter {
  readonly after: readonly [string, string] | undefined
  readonly offset: number
  readonly limit: number
  readonly withTotal: boolean
}
export interface DataOperations {
  get(key: ObjectKey): StoredObject | undefined
  head(key: ObjectKey): ObjectHead | undefined
  set(object: NewObject, nowUs: number): ObjectHead
  copy(from: ObjectKey, to: Omit<ObjectKey, 'tenant'>, nowUs: number): ObjectHead | undefined
  list(asked: AskedObjects): { readonly heads: readonly ObjectHead[]; readonly total: number | undefined }
  delete(key: ObjectKey): boolean
  usage(tenant: string | undefined): DataUsage
  total(tenant: string | undefined): number
  reset(tenant: string | undefined): void
  fileBytes(): number
}

export const dataFile: SideFile<DataOperations> = {
  kind: {
    applicationId: 0x67657364,
    what: 'a file of objects of gesta',
    next: 'Restore it from a backup, or choose another path.',
  },
  modules: [{ name: 'data', migrations: [objects] }],
  // Without a limit the write-ahead log would keep the size of the largest object for ever.
  settings:
    'PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 4194304',
  operations: prepareOperations,
}

function prepareOperations(db: Database): DataOperations {
  const statement = createStatements(db)
  const write = db.prepare(writeObject)
  const content = db.prepare(readContent)
  const headOf = (key: ObjectKey): ObjectHead | undefined => {
    const row = firstRow(statement(readHead), ...cellsOf(key))
    return row && toHead(row)
  }
  return {
    get: (key) => {
      const head = headOf(key)
      const bytes = content.get(...cellsOf(key))?.['content']
      return head && bytes instanceof Uint8Array ? { ...head, content: bytes } : undefined
    },
    head: headOf,
    set: (object, nowUs) => {
      const { contentType, isPublic = false, content: bytes } = object
      const digest = hash('sha256', bytes, 'hex')
      write.run(...cellsOf(object), contentType, Number(isPublic), bytes.byteLength, digest, nowUs, bytes)
      return headOf(object) as ObjectHead
    },
    copy: (from, to, nowUs) => {
      const copied = statement(copyObject).run(to.bucket, to.object, nowUs, ...cellsOf(from)).changes
      return copied === 0 ? undefined : headOf({ ...to, tenant: from.tenant })
    },
    list: (asked) => {
      const { sql, values } = matching(asked)
      const after = behind(asked.after)
      const page = `SELECT ${headColumns} FROM objects WHERE ${sql} AND ${after.sql} ORDER BY bucket, object LIMIT ? OFFSET ?`
      const rows = allRows(statement(page), ...values, ...after.values, asked.limit, asked.offset)
      const total = asked.withTotal
        ? Number(firstRow(statement(`SELECT count(*) FROM objects WHERE ${sql}`), ...values)?.[0])
        : undefined
      return { heads: rows.map(toHead), total }
    },
    delete: (key) => {
      const isDeleted = statement(deleteObject).run(...cellsOf(key)).changes === 1
      if (isDeleted) emptyWriteAheadLog(db)
      return isDeleted
    },
    usage: (tenant) => {
      const row =
        tenant === undefined ? firstRow(statement(usageOf('true'))) : firstRow(statement(usageOf('tenant = ?')), tenant)
      const [buckets = 0, count = 0, bytes = 0] = (row ?? []).map(Number)
      return { buckets, objects: count, bytes }
    },
    total: (tenant) =>
      tenant === undefined
        ? Number(firstRow(statement(countObjects))?.[0])
        : Number(firstRow(statement(`${countObjects} WHERE tenant = ?`), tenant)?.[0]),
    reset: (tenant) => {
      if (tenant === undefined) db.exec(deleteAll)
      else statement(deleteTenant).run(tenant)
      emptyWriteAheadLog(db)
    },
    fileBytes: () => fileBytes(db),
  }
}

/** What the filter asks for, without the page. */
function matching({ tenant, bucket, prefix = '' }: ObjectFilter): Condition {
  const end = afterPrefix(prefix)
  return allOf([
    { sql: 'tenant = ?', values: [tenant] },
    bucket === undefined ? undefined : { sql: 'bucket = ?', values: [bucket] },
    prefix === '' ? undefined : { sql: 'object >= ?', values: [prefix] },
    end === undefined ? undefined : { sql: 'object < ?', values: [end] },
  ])
}

function behind(after: readonly [string, string] | undefined): Condition {
  return after === undefined ? allOf([]) : { sql: '(bucket, object) > (?, ?)', values: after }
}

function cellsOf({ tenant, bucket, object }: ObjectKey): readonly [string, string, string] {
  return [tenant, bucket, object]
}

/** In the order of `headColumns`. */
function toHead([tenant, bucket, object, contentType, isPublic, bytes, digest, storedAt]: Row): ObjectHead {
  return {
    tenant: String(tenant),
    bucket: String(bucket),
    object: String(object),
    contentType: String(contentType),
    isPublic: isPublic === 1,
    bytes: Number(bytes),
    hash: String(digest),
    storedAt: Number(storedAt),
  }
}
