// The file of snapshots, `<path>.snapshots`. It never waits for the disk: a power cut takes the last snapshots, never the file.
// What was removed is overwritten, because an erased subject's data may have been in it.
import type { Snapshot, SnapshotKey } from '@gesta/core/ports'
import { createStatements } from './conditions.ts'
import { firstRow } from './database.ts'
import type { Cell, Database, Row } from './database.ts'
import { snapshots } from './migrations/snapshots/0001-snapshots.ts'
import { fileBytes, overwriteRemoved, transaction } from './side-file.ts'
import type { SideFile } from './side-file.ts'

/** Removals that one tenant, then all tenants have seen. The parameter is the tenant. */
const removalsOf =
  '(SELECT coalesce(max(count), 0) FROM removals WHERE tenant = ?) + (SELECT count FROM removals_of_all)'

const saveSnapshot = `INSERT INTO snapshots
  (tenant, aggregate_type, aggregate_id, state_version, version, incarnation, event_id, state, personal, taken_at)
  SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE coalesce(?, ${removalsOf}) = ${removalsOf}
  ON CONFLICT (tenant, aggregate_type, aggregate_id, state_version) DO UPDATE SET
    version = excluded.version, incarnation = excluded.incarnation, event_id = excluded.event_id, state = excluded.state,
    personal = excluded.personal, taken_at = excluded.taken_at
  WHERE excluded.incarnation <> incarnation OR excluded.version >= version`
const readSnapshot = `SELECT version, event_id, state, personal, taken_at FROM snapshots
  WHERE tenant = ? AND aggregate_type = ? AND aggregate_id = ? AND state_version = ? AND incarnation = ?`
const readRemovals = `SELECT ${removalsOf}`
const countRemoval =
  'INSERT INTO removals (tenant, count) VALUES (?, 1) ON CONFLICT (tenant) DO UPDATE SET count = count + 1'
const countRemovalOfAll = 'UPDATE removals_of_all SET count = count + 1'
const deleteAggregate = 'DELETE FROM snapshots WHERE tenant = ? AND aggregate_type = ? AND aggregate_id = ?'
const deletePersonal = 'DELETE FROM snapshots WHERE tenant = ? AND personal = 1'
const deleteTenant = 'DELETE FROM snapshots WHERE tenant = ?'
const deleteAll = 'DELETE FROM snapshots'
const countAll = 'SELECT count(*) FROM snapshots'
const countTenant = 'SELECT count(*) FROM snapshots WHERE tenant = ?'

export interface SnapshotOperations {
  save(snapshot: Snapshot, removals: number | undefined): void
  latest(key: SnapshotKey, stateVersion: number, incarnation: string): Snapshot | undefined
  removals(tenant: string): number
  delete(key: SnapshotKey): void
  deletePersonal(tenant: string): number
  total(tenant: string | undefined): number
  reset(tenant: string | undefined): void
  fileBytes(): number
}

export const snapshotFile: SideFile<SnapshotOperations> = {
  kind: {
    applicationId: 0x6765736e,
    what: 'a file of snapshots of gesta',
    next: 'Remove the file: snapshots are taken again.',
  },
  modules: [{ name: 'snapshots', migrations: [snapshots] }],
  settings: 'PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON',
  operations: prepareOperations,
}

function prepareOperations(db: Database): SnapshotOperations {
  const statement = createStatements(db)
  /** Counts a removal and makes it, together. */
  const remove = (tenant: string, sql: string, ...values: readonly string[]): number => {
    const removed = transaction(db, () => {
      statement(countRemoval).run(tenant)
      return Number(statement(sql).run(...values).changes)
    })
    overwriteRemoved(db)
    return removed
  }
  return {
    save: (snapshot, known) => {
      const { tenant } = snapshot
      statement(saveSnapshot).run(...cellsOf(snapshot), known ?? null, tenant, tenant)
    },
    latest: (key, stateVersion, incarnation) => {
      const { tenant, aggregateType, aggregateId } = key
      const row = firstRow(statement(readSnapshot), tenant, aggregateType, aggregateId, stateVersion, incarnation)
      return row && toSnapshot(key, stateVersion, incarnation, row)
    },
    removals: (tenant) => Number(firstRow(statement(readRemovals), tenant)?.[0]),
    delete: ({ tenant, aggregateType, aggregateId }) => {
      remove(tenant, deleteAggregate, tenant, aggregateType, aggregateId)
    },
    deletePersonal: (tenant) => remove(tenant, deletePersonal, tenant),
    total: (tenant) => {
      const row = tenant === undefined ? firstRow(statement(countAll)) : firstRow(statement(countTenant), tenant)
      return Number(row?.[0])
    },
    reset: (tenant) => {
      if (tenant !== undefined) {
        remove(tenant, deleteTenant, tenant)
        return
      }
      transaction(db, () => db.exec(`${countRemovalOfAll}; ${deleteAll}`))
      overwriteRemoved(db)
    },
    fileBytes: () => fileBytes(db),
  }
}

/** In the order of `saveSnapshot`. */
function cellsOf({ tenant, aggregateType, aggregateId, stateVersion, version, ...rest }: Snapshot): readonly Cell[] {
  const { incarnation, eventId, state, personal, takenAt } = rest
  const key = [tenant, aggregateType, aggregateId, stateVersion]
  return [...key, version, incarnation, eventId, state, Number(personal), takenAt]
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
    personal: personal === 1,
    takenAt: Number(takenAt),
  }
}
