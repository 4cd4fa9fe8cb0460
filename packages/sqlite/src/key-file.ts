// The file of keys, `<path>.keys`: apart from the store's, because it is backed up apart. A key is on disk before it is given out. What
// is destroyed is overwritten in the file (secure_delete), and the write-ahead log that still has it is cut to nothing.
import type { KeyFilter, KeyScope, ShredEntry, WrappedKey } from '@gesta/core/ports'
import { allOf, createStatements } from './conditions.ts'
import type { Condition } from './conditions.ts'
import { allRows, firstRow } from './database.ts'
import type { Database, Row } from './database.ts'
import { keys } from './migrations/keys/0001-keys.ts'
import { emptyWriteAheadLog, fileBytes, overwriteRemoved, transaction } from './side-file.ts'
import type { SideFile } from './side-file.ts'

const keyColumns = 'tenant, subject, key_id, wrapped_by, wrapped, created_at'
const entryColumns = 'number, tenant, subject, key_id, reason, shredded_at'

const readKey = `SELECT ${keyColumns} FROM keys WHERE tenant = ? AND subject = ?`
const readEntry = `SELECT ${entryColumns} FROM shredded WHERE tenant = ? AND subject = ?`
const readLedger = `SELECT ${entryColumns} FROM shredded WHERE number > ? ORDER BY number LIMIT ?`
const putKey = `INSERT INTO keys (${keyColumns}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
const rewrapKey = `UPDATE keys SET wrapped_by = ?, wrapped = ?
  WHERE tenant = ? AND subject = ? AND key_id = ? AND (wrapped_by = ? OR (wrapped_by = ? AND wrapped = ?))`
const destroyKey = 'DELETE FROM keys WHERE tenant = ? AND subject = ? RETURNING key_id'
const writeEntry = `INSERT INTO shredded (${entryColumns})
  SELECT coalesce(max(number), 0) + 1, ?, ?, ?, ?, ? FROM shredded WHERE true ON CONFLICT (tenant, subject) DO NOTHING`
const countEntries = 'SELECT count(*) FROM shredded'

/** What a page of a list is read by, as `askPage` says it. */
interface KeyPage {
  readonly after: readonly [tenant: string, subject: string] | undefined
  readonly offset: number
  readonly limit: number
  readonly withTotal: boolean
}
export interface KeyOperations {
  get(scope: KeyScope): WrappedKey | 'shredded' | undefined
  putIfAbsent(key: WrappedKey): WrappedKey | 'shredded'
  rewrap(key: WrappedKey, from: string): boolean
  /** One key more than the page holds, when there is one. */
  list(filter: KeyFilter, page: KeyPage): { readonly found: readonly WrappedKey[]; readonly total: number | undefined }
  shred(scope: KeyScope, reason: string, shreddedAt: number): ShredEntry
  ledger(after: number, limit: number): readonly ShredEntry[]
  replay(entries: readonly ShredEntry[]): number
  total(tenant: string | undefined): number
  reset(tenant: string | undefined): void
  details(): { readonly shredded: number; readonly fileBytes: number }
}

export const keyFile: SideFile<KeyOperations> = {
  kind: {
    applicationId: 0x6765736b,
    what: 'a file of keys of gesta',
    next: 'Restore it from its backup, then replay the ledger of destroyed keys.',
  },
  modules: [{ name: 'keys', migrations: [keys] }],
  settings: 'PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA secure_delete = ON',
  operations: prepareOperations,
}

function prepareOperations(db: Database): KeyOperations {
  const prepare = createStatements(db)
  const key = prepare(readKey)
  const entry = prepare(readEntry)
  const entries = prepare(readLedger)
  const put = prepare(putKey)
  const rewrap = prepare(rewrapKey)
  const destroy = prepare(destroyKey)
  const enter = prepare(writeEntry)
  // A process that ended between a shredding and what follows it left the key in the write-ahead log.
  emptyWriteAheadLog(db)

  const get = ({ tenant, subject }: KeyScope): WrappedKey | 'shredded' | undefined => {
    if (firstRow(entry, tenant, subject) !== undefined) return 'shredded'
    const row = firstRow(key, tenant, subject)
    return row && toKey(row)
  }
  const shred = ({ tenant, subject }: KeyScope, keyId: string | undefined, reason: string, at: number): boolean => {
    const destroyed = firstRow(destroy, tenant, subject)
    const known = keyId ?? (destroyed === undefined ? null : String(destroyed[0]))
    enter.run(tenant, subject, known, reason, at)
    return destroyed !== undefined
  }
  const count = (filter: KeyFilter): number => {
    const { sql, values } = conditionOf(filter)
    return Number(firstRow(prepare(`SELECT count(*) FROM keys WHERE ${sql}`), ...values)?.[0])
  }
  return {
    get,
    putIfAbsent: (given) =>
      transaction(db, () => {
        const { tenant, subject, keyId, wrappedBy, wrapped, createdAt } = given
        if (get(given) === undefined) put.run(tenant, subject, keyId, wrappedBy, wrapped, createdAt)
        return get(given) ?? given
      }),
    rewrap: ({ tenant, subject, keyId, wrappedBy, wrapped }, from) =>
      rewrap.run(wrappedBy, wrapped, tenant, subject, keyId, from, wrappedBy, wrapped).changes === 1,
    list: (filter, { after, offset, limit, withTotal }) => {
      const { sql, values } = conditionOf(filter, after)
      const page = prepare(`SELECT ${keyColumns} FROM keys WHERE ${sql} ORDER BY tenant, subject LIMIT ? OFFSET ?`)
      const rows = allRows(page, ...values, limit + 1, offset)
      return { found: rows.map(toKey), total: withTotal ? count(filter) : undefined }
    },
    shred: (scope, reason, at) => {
      const kept = transaction(db, () => {
        shred(scope, undefined, reason, at)
        return firstRow(entry, scope.tenant, scope.subject) as Row
      })
      overwriteRemoved(db)
      return toEntry(kept)
    },
    ledger: (after, limit) => allRows(entries, after, limit).map(toEntry),
    replay: (given) => {
      const gone = transaction(
        db,
        () => given.filter((one) => shred(one, one.keyId, one.reason, one.shreddedAt)).length,
      )
      overwriteRemoved(db)
      return gone
    },
    total: (tenant) => count({ tenant }),
    reset: (tenant) => {
      const { sql, values } = conditionOf({ tenant })
      prepare(`DELETE FROM keys WHERE ${sql}`).run(...values)
      overwriteRemoved(db)
    },
    details: () => ({ shredded: Number(firstRow(prepare(countEntries))?.[0]), fileBytes: fileBytes(db) }),
  }
}

function conditionOf({ tenant, wrappedBy }: KeyFilter, after?: KeyPage['after']): Condition {
  return allOf([
    tenant === undefined ? undefined : { sql: 'tenant = ?', values: [tenant] },
    wrappedBy === undefined ? undefined : { sql: 'wrapped_by = ?', values: [wrappedBy] },
    after && { sql: '(tenant, subject) > (?, ?)', values: after },
  ])
}

function toKey([tenant, subject, keyId, wrappedBy, wrapped, createdAt]: Row): WrappedKey {
  return {
    tenant: String(tenant),
    subject: String(subject),
    keyId: String(keyId),
    wrappedBy: String(wrappedBy),
    wrapped: String(wrapped),
    createdAt: Number(createdAt),
  }
}

function toEntry([number, tenant, subject, keyId, reason, shreddedAt]: Row): ShredEntry {
  return {
    number: Number(number),
    tenant: String(tenant),
    subject: String(subject),
    keyId: keyId === null ? undefined : String(keyId),
    reason: String(reason),
    shreddedAt: Number(shreddedAt),
  }
}
