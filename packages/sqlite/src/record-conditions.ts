// What lists of a command log of its own ask, as conditions on its table, and the index that each is read by.
import type { CommandFilter, Purge } from '@gesta/core/ports'
import { allOf } from './conditions.ts'
import type { Condition } from './conditions.ts'
import { compare, equal, everyTenant, oneOf } from './list-conditions.ts'

/** What rows are found by; `order`: as they lie in the table. Rows of a tenant or a time have to be sorted then, others come in order. */
export type RecordWay = 'correlation' | 'tenant' | 'time' | 'type' | 'order'

/** Conditions of a list. A `+` keeps SQLite from an index, whose size it does not know. */
export function listConditions(filter: CommandFilter, way: RecordWay): readonly (Condition | undefined)[] {
  const { tenant, statuses, commandType, correlationId, sender, from, to, afterCommitNo } = filter
  const column = (name: string, by: RecordWay): string => (way === by ? name : `+${name}`)
  return [
    equal(column('tenant', 'tenant'), tenant),
    equal(column('command_type', 'type'), commandType),
    compare(`${column('recorded_at', 'time')} >= ?`, from),
    compare(`${column('recorded_at', 'time')} < ?`, to),
    oneOf('status', statuses),
    equal('sender', sender),
    ofCorrelation(correlationId, tenant),
    // Nothing here belongs to a commit.
    afterCommitNo === undefined ? undefined : { sql: 'false', values: [] },
  ]
}

/** The column that a list is ordered by. */
export function seqColumn(way: RecordWay): string {
  return way === 'order' || way === 'type' ? 'seq' : '+seq'
}

/** What an index on a tenant or on times finds; `undefined` when the filter has neither. */
export function narrowing({ tenant, from, to }: CommandFilter, way: 'tenant' | 'time'): Condition | undefined {
  const times = [compare('recorded_at >= ?', from), compare('recorded_at < ?', to)]
  const where = allOf(way === 'tenant' ? [equal('tenant', tenant)] : times)
  return where.values.length === 0 ? undefined : where
}

/** Records that a purge forgets, met in the order of their times. */
export function purgeConditions({ before, tenant, statuses }: Omit<Purge, 'limit'>): Condition {
  return allOf([{ sql: 'recorded_at < ?', values: [before] }, equal('+tenant', tenant), oneOf('status', statuses)])
}

/** Records that carry a correlation, and the one of the command whose id it is. */
function ofCorrelation(id: string | undefined, tenant: string | undefined): Condition | undefined {
  if (id === undefined) return undefined
  const tenants = tenant === undefined ? `IN (${everyTenant('command_log')})` : '= ?'
  return {
    sql: `seq IN (SELECT seq FROM command_log WHERE correlation_id = ? UNION ALL SELECT seq FROM command_log WHERE command_id = ? AND tenant ${tenants})`,
    values: tenant === undefined ? [id, id] : [id, id, tenant],
  }
}
