// The file of leases, `<path>.leases`. A token is on disk before it is given out, so that none is given out twice. The time is
// SQLite's: one reading per statement, to the millisecond.
import type { HeldLease, Lease } from '@gesta/core/ports'
import { allRows, firstRow, prepareRows } from './database.ts'
import type { Database, Row } from './database.ts'
import { leases } from './migrations/leases/0001-leases.ts'
import { fileBytes } from './side-file.ts'
import type { SideFile } from './side-file.ts'

/** Microseconds UTC. */
const now = `CAST(round(unixepoch('subsec') * 1000) AS INTEGER) * 1000`
const columns = 'name, owner, fencing_token, expires_at'
const isHeld = `name = ? AND owner = ? AND fencing_token = ? AND expires_at > ${now}`

const acquireLease = `INSERT INTO leases (${columns}) VALUES (?, ?, 1, ${now} + ? * 1000)
  ON CONFLICT (name) DO UPDATE SET
    owner = excluded.owner,
    fencing_token = fencing_token + (expires_at <= ${now}),
    expires_at = excluded.expires_at
  WHERE owner = excluded.owner OR expires_at <= ${now}
  RETURNING ${columns}`
const renewLease = `UPDATE leases SET expires_at = ${now} + ? * 1000 WHERE ${isHeld} RETURNING ${columns}`
const releaseLease = `UPDATE leases SET expires_at = 0 WHERE ${isHeld}`
const endLeases = 'UPDATE leases SET expires_at = 0'
const readHolder = `SELECT ${columns} FROM leases WHERE name = ? AND expires_at > ${now}`
const readHolding = `SELECT ${columns} FROM leases WHERE expires_at > ${now} ORDER BY name`
const countHolding = `SELECT count(*) FROM leases WHERE expires_at > ${now}`
const countNames = 'SELECT count(*) FROM leases'

export interface LeaseOperations {
  acquire(name: string, owner: string, durationMs: number): Lease | undefined
  renew(lease: HeldLease, durationMs: number): Lease | undefined
  release(lease: HeldLease): void
  holder(name: string): Lease | undefined
  list(): readonly Lease[]
  total(): number
  reset(): void
  details(): { readonly names: number; readonly fileBytes: number }
}

export const leaseFile: SideFile<LeaseOperations> = {
  kind: {
    applicationId: 0x6765736c,
    what: 'a file of leases of gesta',
    next: 'Restore it from a backup; without one, remove it when nothing that its tokens fenced runs any more.',
  },
  modules: [{ name: 'leases', migrations: [leases] }],
  settings: 'PRAGMA synchronous = FULL; PRAGMA fullfsync = ON',
  operations: prepareOperations,
}

function prepareOperations(db: Database): LeaseOperations {
  const prepare = (sql: string) => prepareRows(db, sql)
  const acquire = prepare(acquireLease)
  const renew = prepare(renewLease)
  const release = prepare(releaseLease)
  const holder = prepare(readHolder)
  const holding = prepare(readHolding)
  const total = prepare(countHolding)
  const names = prepare(countNames)
  return {
    acquire: (name, owner, durationMs) => toLease(firstRow(acquire, name, owner, durationMs)),
    renew: ({ name, owner, fencingToken }, durationMs) =>
      toLease(firstRow(renew, durationMs, name, owner, fencingToken)),
    release: ({ name, owner, fencingToken }) => {
      release.run(name, owner, fencingToken)
    },
    holder: (name) => toLease(firstRow(holder, name)),
    list: () => allRows(holding).map((row) => toLease(row) as Lease),
    total: () => Number(firstRow(total)?.[0]),
    reset: () => db.exec(endLeases),
    details: () => ({ names: Number(firstRow(names)?.[0]), fileBytes: fileBytes(db) }),
  }
}

function toLease(row: Row | undefined): Lease | undefined {
  if (row === undefined) return undefined
  const [name, owner, fencingToken, expiresAt] = row
  return {
    name: String(name),
    owner: String(owner),
    fencingToken: Number(fencingToken),
    expiresAt: Number(expiresAt),
  }
}
