// The file of credentials, `<path>.credentials`: apart from the store's, because it is backed up apart. What was put is on disk when it
// is acknowledged. What is removed is overwritten in the file (secure_delete), and the write-ahead log that still has it is cut.
import type { CredentialFilter, CredentialKey, StoredCredential } from '@gesta/core/ports'
import { allOf, createStatements } from './conditions.ts'
import type { Condition } from './conditions.ts'
import { eachRow, firstRow } from './database.ts'
import type { Database, Row } from './database.ts'
import { credentials } from './migrations/credentials/0001-credentials.ts'
import { shortPage } from './short-page.ts'
import type { ShortPage } from './short-page.ts'
import { emptyWriteAheadLog, fileBytes, overwriteRemoved, transaction } from './side-file.ts'
import type { SideFile } from './side-file.ts'

const columns = 'tenant, kind, id, subject, version, sealed_by, sealed, expires_at, written_at'
const isKey = 'tenant = ? AND kind = ? AND id = ?'

const readOne = `SELECT ${columns} FROM credentials WHERE ${isKey}`
const insertOne = `INSERT INTO credentials (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
const replaceOne = `UPDATE credentials
  SET subject = ?, version = ?, sealed_by = ?, sealed = ?, expires_at = ?, written_at = ? WHERE ${isKey} AND version = ?`
const hasPut = `SELECT 1 FROM credentials WHERE ${isKey} AND version = ? AND sealed = ?`
const removeOne = `DELETE FROM credentials WHERE ${isKey} AND version = coalesce(?, version)`
const removeOfSubject = 'DELETE FROM credentials WHERE tenant = ? AND subject = ?'
const removeOld = `DELETE FROM credentials WHERE (tenant, kind, id) IN (
  SELECT tenant, kind, id FROM credentials WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`

/** What a page of a list is read by, as `askPage` says it. */
interface CredentialPage {
  readonly after: readonly [tenant: string, kind: string, id: string] | undefined
  readonly offset: number
  readonly limit: number
  readonly withTotal: boolean
}
export interface CredentialOperations {
  get(key: CredentialKey): StoredCredential | undefined
  put(credential: Omit<StoredCredential, 'version'>, expected: number): boolean
  remove(key: CredentialKey, expected: number | undefined): boolean
  removeOf(tenant: string, subject: string): number
  removeExpired(before: number, limit: number): number
  /** One more than the page holds, when there is one. */
  list(
    filter: CredentialFilter,
    page: CredentialPage,
  ): ShortPage<StoredCredential> & { readonly total: number | undefined }
  total(filter: CredentialFilter): number
  reset(tenant: string | undefined): void
  details(): { readonly fileBytes: number }
}

export const credentialFile: SideFile<CredentialOperations> = {
  kind: {
    applicationId: 0x67657378,
    what: 'a file of credentials of gesta',
    next: 'Restore it from its backup; without one, everybody has to choose a new password.',
  },
  modules: [{ name: 'credentials', migrations: [credentials] }],
  settings: 'PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA secure_delete = ON',
  operations: prepareOperations,
}

function prepareOperations(db: Database): CredentialOperations {
  const prepare = createStatements(db)
  const [read, insert, replace, put] = [prepare(readOne), prepare(insertOne), prepare(replaceOne), prepare(hasPut)]
  const [remove, removeOf, removeExpired] = [prepare(removeOne), prepare(removeOfSubject), prepare(removeOld)]
  // A process that ended between a removal and what follows it left the credential in the write-ahead log.
  emptyWriteAheadLog(db)

  const total = (filter: CredentialFilter): number => {
    const { sql, values } = conditionOf(filter)
    return Number(firstRow(prepare(`SELECT count(*) FROM credentials WHERE ${sql}`), ...values)?.[0])
  }
  return {
    get: ({ tenant, kind, id }) => {
      const row = firstRow(read, tenant, kind, id)
      return row && toCredential(row)
    },
    put: ({ tenant, kind, id, subject, sealedBy, sealed, expiresAt = null, writtenAt }, expected) =>
      transaction(db, () => {
        const key = [tenant, kind, id] as const
        const cells = [subject, expected + 1, sealedBy, sealed, expiresAt, writtenAt] as const
        const { changes } = expected === 0 ? insert.run(...key, ...cells) : replace.run(...cells, ...key, expected)
        // The same call again: its sealed text is like no other.
        return changes === 1 || firstRow(put, ...key, expected + 1, sealed) !== undefined
      }),
    remove: ({ tenant, kind, id }, expected) => {
      const { changes } = remove.run(tenant, kind, id, expected ?? null)
      overwriteRemoved(db)
      return changes === 1
    },
    removeOf: (tenant, subject) => {
      const { changes } = removeOf.run(tenant, subject)
      overwriteRemoved(db)
      return Number(changes)
    },
    removeExpired: (before, limit) => {
      const { changes } = removeExpired.run(before, limit)
      if (changes !== 0) overwriteRemoved(db)
      return Number(changes)
    },
    list: (filter, { after, offset, limit, withTotal }) => {
      const { sql, values } = conditionOf(filter, after)
      const page = `SELECT ${columns} FROM credentials WHERE ${sql} ORDER BY tenant, kind, id LIMIT ? OFFSET ?`
      const rows = eachRow(prepare(page), ...values, limit + 1, offset)
      const found = shortPage(rows, limit, toCredential, ({ sealed }) => sealed.length)
      return { ...found, total: withTotal ? total(filter) : undefined }
    },
    total,
    reset: (tenant) => {
      const { sql, values } = conditionOf({ tenant })
      prepare(`DELETE FROM credentials WHERE ${sql}`).run(...values)
      overwriteRemoved(db)
    },
    details: () => ({ fileBytes: fileBytes(db) }),
  }
}

function conditionOf(
  { tenant, kind, subject, sealedBy }: CredentialFilter,
  after?: CredentialPage['after'],
): Condition {
  return allOf([
    tenant === undefined ? undefined : { sql: 'tenant = ?', values: [tenant] },
    kind === undefined ? undefined : { sql: 'kind = ?', values: [kind] },
    subject === undefined ? undefined : { sql: 'subject = ?', values: [subject] },
    sealedBy === undefined ? undefined : { sql: 'sealed_by = ?', values: [sealedBy] },
    after && { sql: '(tenant, kind, id) > (?, ?, ?)', values: after },
  ])
}

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
