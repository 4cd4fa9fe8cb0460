// The snapshot store on PostgreSQL. Saving and removing are functions in the server: they lock and then look.
import { checkSnapshot, checkSnapshotKey, checkTenant } from '@gesta/core/ports'
import type { Snapshot, SnapshotKey, SnapshotStore } from '@gesta/core/ports'
import type { Row } from './driver.ts'
import type { StoreAccess } from './store-access.ts'

/** `s`: the schema, quoted. */
function statements(s: string) {
  return {
    save: `SELECT ${s}.save_snapshot($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    latest: `SELECT version, event_id, state, personal, taken_at FROM ${s}.snapshots
      WHERE ${s}.index_key(tenant) = ${s}.index_key($1) AND aggregate_type = $2
        AND ${s}.index_key(aggregate_id) = ${s}.index_key($3) AND state_version = $4 AND incarnation = $5`,
    removals: `SELECT ${s}.count_removals($1)`,
    remove: `SELECT ${s}.remove_snapshots($1, $2, $3, $4)`,
    total: `SELECT count(*) FROM ${s}.snapshots WHERE $1::text IS NULL OR ${s}.index_key(tenant) = ${s}.index_key($1)`,
  }
}

export function createPostgresSnapshotStore(access: StoreAccess): SnapshotStore {
  const sql = statements(access.schema)
  return {
    save: async (snapshot, removals) => {
      checkSnapshot(snapshot)
      const { tenant, aggregateType, aggregateId, stateVersion, version } = snapshot
      const { incarnation, eventId, state, personal, takenAt } = snapshot
      const key = [tenant, aggregateType, aggregateId, stateVersion]
      await access.write(sql.save, [...key, version, incarnation, eventId, state, personal, takenAt, removals ?? null])
    },
    latest: async (key, stateVersion, incarnation) => {
      checkSnapshotKey(key)
      const { tenant, aggregateType, aggregateId } = key
      const [row] = await access.read(sql.latest, [tenant, aggregateType, aggregateId, stateVersion, incarnation])
      return row && toSnapshot(key, stateVersion, incarnation, row)
    },
    removals: async (tenant) => {
      checkTenant(tenant)
      return Number((await access.read(sql.removals, [tenant]))[0]?.[0])
    },
    delete: async (key) => {
      checkSnapshotKey(key)
      await access.write(sql.remove, [key.tenant, key.aggregateType, key.aggregateId, false])
    },
    deletePersonal: async (tenant) => {
      checkTenant(tenant)
      return Number((await access.write(sql.remove, [tenant, null, null, true]))[0]?.[0])
    },
    total: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      return Number((await access.read(sql.total, [tenant ?? null]))[0]?.[0])
    },
    reset: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      await access.write(sql.remove, [tenant ?? null, null, null, false])
    },
    info: async () => ({
      store: 'snapshot',
      backend: 'postgres',
      readOnly: false,
      items: Number((await access.read(sql.total, [null]))[0]?.[0]),
      details: {},
    }),
    [Symbol.asyncDispose]: async () => access.close(),
  }
}

function toSnapshot(
  { tenant, aggregateType, aggregateId }: SnapshotKey,
  stateVersion: number,
  incarnation: string,
  [version, eventId, state, personal, takenAt]: Row,
): Snapshot {
  return {
    tenant,
    aggregateType,
    aggregateId,
    stateVersion,
    version: Number(version),
    incarnation,
    eventId: String(eventId),
    state: String(state),
    personal: personal === true,
    takenAt: Number(takenAt),
  }
}
