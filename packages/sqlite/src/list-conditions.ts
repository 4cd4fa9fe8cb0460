// What lists of events and commands ask, as conditions on the log's tables: e is events, c is commits.
import type { CommandFilter, EventField, EventFilter } from '@gesta/core/ports'
import type { Condition } from './conditions.ts'
import type { Cell } from './database.ts'

type Conditions = readonly (Condition | undefined)[]

/**
 * How rows are reached: as they lie in the table, or by an index that begins with their tenant. A `+` keeps SQLite from choosing
 * the other way by itself, because it does not know how many rows a tenant has.
 */
export type Way = 'table' | 'index'

/** The column that a list is ordered by, for this way. */
export function orderColumn(column: 'e.position' | 'c.commit_no', way: Way): string {
  return way === 'index' ? `+${column}` : column
}

/** What an index on streams begins with, as far as the filter has it; none without a tenant. */
export function streamOf({ tenant, aggregateType, aggregateId }: EventFilter): Conditions {
  if (tenant === undefined) return []
  const type =
    aggregateType === undefined ? [] : [equal('aggregate_type', aggregateType), equal('aggregate_id', aggregateId)]
  return [equal('tenant', tenant), ...type]
}

/** Conditions on an event itself. */
export function eventConditions(filter: EventFilter, way: Way): Conditions {
  const { tenant, aggregateType, aggregateId, types, domains, after, before } = filter
  const plus = way === 'table' ? '+' : ''
  return [
    equal(`${plus}e.tenant`, tenant),
    equal(`${plus}e.aggregate_type`, aggregateType),
    equal(`${plus}e.aggregate_id`, aggregateId),
    oneOf('e.type', types),
    oneOf(eventValue.domain, domains),
    compare(`${orderColumn('e.position', way)} > ?`, after),
    compare(`${orderColumn('e.position', way)} < ?`, before),
  ]
}

/** Conditions on the commit of an event. */
export function commitConditions({ tenant, workspace, correlationId, attributes, from, to }: EventFilter): Conditions {
  return [
    equal(eventValue.workspace, workspace),
    ofCorrelation(correlationId, tenant),
    ...Object.entries(attributes ?? {}).map(([name, value]) => ({
      sql: `json_type(c.context, ?) = 'text' AND json_extract(c.context, ?) = ?`,
      values: [attributePath(name), attributePath(name), value],
    })),
    compare('c.recorded_at >= ?', from),
    compare('c.recorded_at < ?', to),
  ]
}

/** The record of a command was not purged. */
export const isRecorded: Condition = { sql: `c.detail IS NOT ''`, values: [] }

/** Conditions on a command. */
export function commandConditions(filter: CommandFilter, way: Way): Conditions {
  const { tenant, statuses, commandType, correlationId, sender, from, to, afterCommitNo } = filter
  // A correlation has few commands: it is never looked for among all of a tenant.
  const plus = way === 'table' || correlationId !== undefined ? '+' : ''
  return [
    equal(`${plus}c.tenant`, tenant),
    oneOf('c.outcome', statuses),
    equal('c.command_type', commandType),
    ofCorrelation(correlationId, tenant),
    equal(`coalesce(json_extract(c.context, '$.identity'), json_extract(c.context, '$.account'))`, sender),
    compare('c.recorded_at >= ?', from),
    compare('c.recorded_at < ?', to),
    compare(`${orderColumn('c.commit_no', way)} > ?`, afterCommitNo),
  ]
}

/** The value of each field that events can be asked for; NULL when an event has none. */
export const eventValue: { readonly [Field in EventField]: string } = {
  tenant: 'e.tenant',
  workspace: `json_extract(c.context, '$.targetWorkspace')`,
  domain: `nullif(substr(e.type, 1, instr(e.type, '.') - 1), '')`,
  aggregateType: 'e.aggregate_type',
  aggregateId: 'e.aggregate_id',
  type: 'e.type',
}

// Each tenant is found by one look into the index, so that a command id is, too, when it is not known whose it is.
export function everyTenant(table: 'commits' | 'command_log' | 'audit_log'): string {
  return `WITH RECURSIVE known (tenant) AS (
  SELECT min(tenant) FROM ${table}
  UNION ALL SELECT (SELECT min(tenant) FROM ${table} WHERE tenant > known.tenant) FROM known WHERE known.tenant IS NOT NULL
) SELECT tenant FROM known`
}

/** Commits that carry a correlation, and those of the command whose id it is. */
function ofCorrelation(id: string | undefined, tenant: string | undefined): Condition | undefined {
  if (id === undefined) return undefined
  const carrying = 'SELECT commit_no FROM commits WHERE correlation_id = ?'
  const own = `SELECT commit_no FROM commits WHERE command_id = ? AND tenant ${tenant === undefined ? `IN (${everyTenant('commits')})` : '= ?'}`
  return {
    sql: `c.commit_no IN (${carrying} UNION ALL ${own})`,
    values: tenant === undefined ? [id, id] : [id, id, tenant],
  }
}

function attributePath(name: string): string {
  return `$.attributes.${JSON.stringify(name)}`
}

export function equal(column: string, value: string | undefined): Condition | undefined {
  return compare(`${column} = ?`, value)
}

export function compare(sql: string, value: Cell | undefined): Condition | undefined {
  return value === undefined ? undefined : { sql, values: [value] }
}

/** One value holds the whole list, so that lists of any length are one statement. */
export function oneOf(column: string, values: readonly string[] | undefined): Condition | undefined {
  return values && { sql: `${column} IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(values)] }
}
