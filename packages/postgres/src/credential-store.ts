// The credential store on PostgreSQL. Each change is one statement, which says what it expects.
import {
  askPage,
  checkCredentialFilter,
  checkCredentialKey,
  checkNewCredential,
  checkTenant,
  checkWhole,
  pageLimit,
} from '@gesta/core/ports'
import type { CredentialFilter, CredentialKey, CredentialStore, StoredCredential } from '@gesta/core/ports'
import { createWhere } from './conditions.ts'
import type { Where } from './conditions.ts'
import type { Row } from './driver.ts'
import { readPage } from './pages.ts'
import type { StoreAccess } from './store-access.ts'

const columns = 'tenant, kind, id, subject, version, sealed_by, sealed, expires_at, written_at'
const keyColumns = ['tenant', 'kind', 'id'] as const

/** `s`: the schema, quoted. What is written is on disk before it is acknowledged. */
function statements(s: string) {
  const same = (column: string, value: string): string => `${s}.index_key(${column}) = ${s}.index_key(${value})`
  const isKey = keyColumns.map((column, at) => same(column, `$${at + 1}`)).join(' AND ')
  const key = keyColumns.map((column) => `${s}.index_key(${column})`).join(', ')
  const toDisk = `${s}.begin_change(true)`
  return {
    get: `SELECT ${columns} FROM ${s}.credentials WHERE ${isKey}`,
    /** A repetition finds what it put the first time: its sealed text is like no other. */
    insert: `INSERT INTO ${s}.credentials AS c (${columns}) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 FROM ${toDisk}
      ON CONFLICT (${key}) DO UPDATE SET sealed = excluded.sealed WHERE c.version = 1 AND c.sealed = excluded.sealed
      RETURNING true`,
    replace: `UPDATE ${s}.credentials
      SET subject = $4, version = $5, sealed_by = $6, sealed = $7, expires_at = $8, written_at = $9 FROM ${toDisk}
      WHERE ${isKey} AND (version = $5 - 1 OR (version = $5 AND sealed = $7)) RETURNING true`,
    remove: `DELETE FROM ${s}.credentials USING ${toDisk}
      WHERE ${isKey} AND ($4::bigint IS NULL OR version = $4) RETURNING true`,
    removeOf: `WITH gone AS (DELETE FROM ${s}.credentials USING ${toDisk}
      WHERE ${same('tenant', '$1')} AND ${same('subject', '$2')} RETURNING true) SELECT count(*) FROM gone`,
    /** What somebody else removes or writes at this moment is passed over. */
    removeExpired: `WITH gone AS (DELETE FROM ${s}.credentials USING ${toDisk}
      WHERE expires_at < $1 AND credentials.ctid = ANY (ARRAY(
        SELECT ctid FROM ${s}.credentials WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
      )) RETURNING true) SELECT count(*) FROM gone`,
    reset: `DELETE FROM ${s}.credentials USING ${toDisk} WHERE $1::text IS NULL OR ${same('tenant', '$1')}`,
  }
}

export function createPostgresCredentialStore({ schema: s, read, write, close }: StoreAccess): CredentialStore {
  const sql = statements(s)
  const total = async (filter: CredentialFilter): Promise<number> => {
    const where = matching(s, filter)
    return Number((await read(`SELECT count(*) FROM ${s}.credentials WHERE ${where.sql}`, where.values))[0]?.[0])
  }
  const list = {
    columns,
    from: `FROM ${s}.credentials`,
    order: keyColumns.map((column) => `${s}.index_key(${column})`),
    isDescending: false,
    compared: (value: string) => `${s}.index_key(${value})`,
    bytes: 'octet_length(sealed)',
    toItem: toCredential,
    keyOf: (one: StoredCredential) => cellsOf(one),
  }
  return {
    get: async (key) => {
      checkCredentialKey(key)
      const [row] = await read(sql.get, cellsOf(key))
      return row && toCredential(row)
    },
    put: async (credential, expected) => {
      checkNewCredential(credential, expected)
      const { subject, sealedBy, sealed, expiresAt = null, writtenAt } = credential
      const cells = [...cellsOf(credential), subject, expected + 1, sealedBy, sealed, expiresAt, writtenAt]
      return (await write(expected === 0 ? sql.insert : sql.replace, cells)).length === 1
    },
    remove: async (key, expected) => {
      checkCredentialKey(key)
      if (expected !== undefined) checkWhole(expected, 'expected version', 1)
      return (await write(sql.remove, [...cellsOf(key), expected ?? null])).length === 1
    },
    removeOf: async (tenant, subject) => {
      checkCredentialFilter({ tenant, subject })
      return Number((await write(sql.removeOf, [tenant, subject]))[0]?.[0])
    },
    removeExpired: async (before, limit) => {
      checkWhole(before, 'time', 0)
      return Number((await write(sql.removeExpired, [before, pageLimit(limit, 1_000)]))[0]?.[0])
    },
    list: async (filter, page) => {
      checkCredentialFilter(filter)
      const asked = askPage({ list: 'credentials', question: filter }, ['text', 'text', 'text'], page)
      return readPage(read, list, matching(s, filter), asked)
    },
    total: async (filter = {}) => {
      checkCredentialFilter(filter)
      return total(filter)
    },
    reset: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      await write(sql.reset, [tenant ?? null])
    },
    info: async () => ({
      store: 'credential',
      backend: 'postgres',
      readOnly: false,
      items: await total({}),
      details: {},
    }),
    [Symbol.asyncDispose]: async () => close(),
  }
}

function matching(s: string, { tenant, kind, subject, sealedBy }: CredentialFilter): Where {
  const where = createWhere()
  for (const [column, value] of Object.entries({ tenant, kind, subject, sealed_by: sealedBy }))
    where.and(value, (text) => `${s}.index_key(${column}) = ${s}.index_key(${where.bind(text)})`)
  return where
}

function cellsOf({ tenant, kind, id }: CredentialKey): readonly [string, string, string] {
  return [tenant, kind, id]
}

/** In the order of `columns`. */
function toCredential([
  tenant,
  kind,
  id,
  subject,
  version,
  sealedBy,
  sealed,
  expiresAt,
  writtenAt,
]: Row): StoredCredential {
  return {
    tenant: String(tenant),
    kind: String(kind),
    id: String(id),
    subject: String(subject),
    version: Number(version),
    sealedBy: String(sealedBy),
    sealed: String(sealed),
    expiresAt: expiresAt === null ? undefined : Number(expiresAt),
    writtenAt: Number(writtenAt),
  }
}
