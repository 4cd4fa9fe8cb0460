// The key store on PostgreSQL. Putting and shredding are functions in the server: they lock and then look.
import {
  askPage,
  checkKeyFilter,
  checkLedger,
  checkScope,
  checkShredding,
  checkTenant,
  checkWhole,
  checkWrappedKey,
  pageLimit,
  pageOf,
} from '@gesta/core/ports'
import type { KeyFilter, KeyStore, ShredEntry, WrappedKey } from '@gesta/core/ports'
import { bigintArray, textArray } from './binary-arrays.ts'
import type { Row } from './driver.ts'
import type { StoreAccess } from './store-access.ts'

const keyColumns = 'tenant, subject, key_id, wrapped_by, wrapped, created_at'
const entryColumns = 'number, tenant, subject, key_id, reason, shredded_at'

/** `s`: the schema, quoted. */
function statements(s: string) {
  const key = (column: string, value: string): string => `${s}.index_key(${column}) = ${s}.index_key(${value})`
  const isScope = `${key('tenant', '$1')} AND ${key('subject', '$2')}`
  const order = `${s}.index_key(tenant), ${s}.index_key(subject)`
  /** The parameters are tenant and wrapping key, or null. */
  const matches = `($1::text IS NULL OR ${key('tenant', '$1')}) AND ($2::text IS NULL OR wrapped_by = $2)`
  return {
    /** One row: the key, or the scope alone when it was shredded. */
    get: `SELECT ${keyColumns} FROM ${s}.keys WHERE ${isScope}
      UNION ALL SELECT tenant, subject, NULL, NULL, NULL, NULL FROM ${s}.shredded WHERE ${isScope}`,
    put: `SELECT ${keyColumns} FROM ${s}.put_key($1, $2, $3, $4, $5, $6)`,
    /** A form that is given up must not be all that a crash of the server leaves. */
    rewrap: `UPDATE ${s}.keys SET wrapped_by = $4, wrapped = $5 FROM ${s}.begin_change(true)
      WHERE ${isScope} AND key_id = $3 AND (wrapped_by = $6 OR (wrapped_by = $4 AND wrapped = $5)) RETURNING true`,
    list: `SELECT ${keyColumns} FROM ${s}.keys WHERE ${matches} ORDER BY ${order} LIMIT $3 OFFSET $4`,
    listAfter: `SELECT ${keyColumns} FROM ${s}.keys
      WHERE ${matches} AND (${order}) > (${s}.index_key($5), ${s}.index_key($6)) ORDER BY ${order} LIMIT $3 OFFSET $4`,
    total: `SELECT count(*) FROM ${s}.keys WHERE ${matches}`,
    shred: `SELECT ${entryColumns}, destroyed FROM ${s}.shred_keys($1, $2)`,
    ledger: `SELECT ${entryColumns} FROM ${s}.shredded WHERE number > $1 ORDER BY number LIMIT $2`,
    countEntries: `SELECT count(*) FROM ${s}.shredded`,
    reset: `DELETE FROM ${s}.keys WHERE $1::text IS NULL OR ${key('tenant', '$1')}`,
  }
}

export function createPostgresKeyStore(access: StoreAccess): KeyStore {
  const sql = statements(access.schema)
  const total = async ({ tenant, wrappedBy }: KeyFilter): Promise<number> =>
    Number((await access.read(sql.total, [tenant ?? null, wrappedBy ?? null]))[0]?.[0])
  const shred = (entries: readonly Omit<ShredEntry, 'number'>[]): Promise<readonly Row[]> => {
    const texts = entries.flatMap(({ tenant, subject, keyId, reason }) => [tenant, subject, keyId, reason])
    return access.write(sql.shred, [textArray(texts), bigintArray(entries.map(({ shreddedAt }) => shreddedAt))])
  }
  return {
    get: async (scope) => {
      checkScope(scope)
      const [row] = await access.read(sql.get, [scope.tenant, scope.subject])
      return row && (row[2] === null ? 'shredded' : toKey(row))
    },
    putIfAbsent: async (key) => {
      checkWrappedKey(key)
      const { tenant, subject, keyId, wrappedBy, wrapped, createdAt } = key
      const [row] = await access.write(sql.put, [tenant, subject, keyId, wrappedBy, wrapped, createdAt])
      return row === undefined ? 'shredded' : toKey(row)
    },
    rewrap: async (key, from) => {
      checkWrappedKey(key)
      checkKeyFilter({ wrappedBy: from })
      const { tenant, subject, keyId, wrappedBy, wrapped } = key
      return (await access.write(sql.rewrap, [tenant, subject, keyId, wrappedBy, wrapped, from])).length === 1
    },
    list: async (filter, page) => {
      checkKeyFilter(filter)
      const asked = askPage({ list: 'keys', question: filter }, ['text', 'text'], page)
      const values = [filter.tenant ?? null, filter.wrappedBy ?? null, asked.limit + 1, asked.offset]
      const { after } = asked
      const rows = await (after === undefined
        ? access.read(sql.list, values)
        : access.read(sql.listAfter, [...values, ...after]))
      const count = asked.withTotal ? await total(filter) : undefined
      return pageOf(asked, rows.map(toKey), (key) => [key.tenant, key.subject] as const, count)
    },
    shred: async ({ tenant, subject }, reason, shreddedAt) => {
      checkShredding({ tenant, subject }, reason, shreddedAt)
      const [row] = await shred([{ tenant, subject, keyId: undefined, reason, shreddedAt }])
      return toEntry(row ?? [])
    },
    ledger: async (after, limit) => {
      checkWhole(after, 'number', 0)
      return (await access.read(sql.ledger, [after, pageLimit(limit, 100)])).map(toEntry)
    },
    replay: async (entries) =>
      (await shred(checkLedger(entries))).filter(([, , , , , , destroyed]) => destroyed).length,
    total: async (tenant) => {
      checkKeyFilter({ tenant })
      return total({ tenant })
    },
    reset: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      await access.write(sql.reset, [tenant ?? null])
    },
    info: async () => ({
      store: 'key',
      backend: 'postgres',
      readOnly: false,
      items: await total({}),
      details: { shredded: Number((await access.read(sql.countEntries))[0]?.[0]) },
    }),
    [Symbol.asyncDispose]: async () => access.close(),
  }
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
    keyId: typeof keyId === 'string' ? keyId : undefined,
    reason: String(reason),
    shreddedAt: Number(shreddedAt),
  }
}
