// The lease store on PostgreSQL. The time is the server's clock at the moment when a row is looked at, not when its transaction began.
import { checkHeldLease, checkKey, checkLeaseDuration } from '@gesta/core/ports'
import type { Lease, LeaseStore } from '@gesta/core/ports'
import type { Row } from './driver.ts'
import type { StoreAccess } from './store-access.ts'

/** Microseconds UTC. */
const now = '(extract(epoch FROM clock_timestamp()) * 1000000)::bigint'
const columns = 'l.name, l.owner, l.fencing_token, l.expires_at'
const isHeld = `l.name = $1 AND l.owner = $2 AND l.fencing_token = $3 AND l.expires_at > ${now}`

/** `s`: the schema, quoted. */
function statements(s: string) {
  return {
    /** A token must be on disk before it is given out, and higher for every new holder, whatever the clock does. */
    acquire: `INSERT INTO ${s}.leases AS l (name, owner, fencing_token, expires_at)
      SELECT $1, $2, 1, ${now} + $3::bigint * 1000 FROM ${s}.begin_change(true)
      ON CONFLICT (name) DO UPDATE SET
        owner = excluded.owner,
        fencing_token = l.fencing_token + CASE WHEN l.owner = excluded.owner AND l.expires_at > ${now} THEN 0 ELSE 1 END,
        expires_at = ${now} + $3::bigint * 1000
      WHERE l.owner = excluded.owner OR l.expires_at <= ${now}
      RETURNING ${columns}`,
    renew: `UPDATE ${s}.leases l SET expires_at = ${now} + $4::bigint * 1000 FROM ${s}.begin_change(true)
      WHERE ${isHeld} RETURNING ${columns}`,
    release: `UPDATE ${s}.leases l SET expires_at = 0 WHERE ${isHeld}`,
    holder: `SELECT ${columns} FROM ${s}.leases l WHERE l.name = $1 AND l.expires_at > ${now}`,
    list: `SELECT ${columns} FROM ${s}.leases l WHERE l.expires_at > ${now} ORDER BY l.name`,
    total: `SELECT count(*) FILTER (WHERE l.expires_at > ${now}), count(*) FROM ${s}.leases l`,
    reset: `UPDATE ${s}.leases SET expires_at = 0 WHERE expires_at > 0`,
  }
}

export function createPostgresLeaseStore(access: StoreAccess): LeaseStore {
  const sql = statements(access.schema)
  const total = async (): Promise<Row> => (await access.read(sql.total))[0] ?? []
  return {
    acquire: async (name, owner, durationMs) => {
      checkHeldLease({ name, owner, fencingToken: 1 })
      checkLeaseDuration(durationMs)
      return toLease((await access.write(sql.acquire, [name, owner, durationMs]))[0])
    },
    renew: async (lease, durationMs) => {
      checkHeldLease(lease)
      checkLeaseDuration(durationMs)
      const { name, owner, fencingToken } = lease
      return toLease((await access.write(sql.renew, [name, owner, fencingToken, durationMs]))[0])
    },
    release: async (lease) => {
      checkHeldLease(lease)
      await access.write(sql.release, [lease.name, lease.owner, lease.fencingToken])
    },
    holder: async (name) => {
      checkKey(name, 'lease name')
      return toLease((await access.read(sql.holder, [name]))[0])
    },
    list: async () => (await access.read(sql.list)).map((row) => toLease(row) as Lease),
    total: async () => Number((await total())[0]),
    reset: async () => {
      await access.write(sql.reset)
    },
    info: async () => {
      const [items, names] = await total()
      return {
        store: 'lease',
        backend: 'postgres',
        readOnly: false,
        items: Number(items),
        details: { names: Number(names) },
      }
    },
    [Symbol.asyncDispose]: async () => access.close(),
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
