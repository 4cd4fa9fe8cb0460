// What lists of events and commands ask, as conditions on the log's tables: e is events, c is commits.
import { hash } from 'node:crypto'
import { purgeOf } from '@gesta/core/ports'
import type { CommandFilter, EventField, EventFilter, Purge } from '@gesta/core/ports'
import { textArray } from './binary-arrays.ts'
import type { Where } from './conditions.ts'
import { isRecorded } from './log-rows.ts'

/** The value of each field that events can be asked for, in the order of code points; NULL when an event has none. `s`: the schema, quoted. */
export function eventValue(s: string, field: EventField): string {
  return {
    tenant: 'e.tenant',
    workspace: `(${s}.context_of(c.context) ->> 'targetWorkspace') COLLATE "C"`,
    domain: `CASE WHEN strpos(e.type, '.') > 1 THEN split_part(e.type, '.', 1) END`,
    aggregateType: 'e.aggregate_type',
    aggregateId: 'e.aggregate_id',
    type: 'e.type',
  }[field]
}

export function askEvents(s: string, where: Where, filter: EventFilter): void {
  const { tenant, aggregateType, aggregateId, types, domains, after, before } = filter
  const { workspace, correlationId, attributes, from, to } = filter
  const { and, bind } = where
  and(tenant, (text) => `${s}.index_key(e.tenant) = ${s}.index_key(${bind(text)})`)
  and(aggregateType, (text) => `e.aggregate_type = ${bind(text)}`)
  and(aggregateId, (text) => `${s}.index_key(e.aggregate_id) = ${s}.index_key(${bind(text)})`)
  and(types, (texts) => `e.type = ANY (${bind(textArray(texts))}::text[])`)
  and(domains, (texts) => `${eventValue(s, 'domain')} = ANY (${bind(textArray(texts))}::text[])`)
  and(after, (position) => `e.position > ${bind(position)}`)
  and(before, (position) => `e.position < ${bind(position)}`)
  and(workspace, (text) => `${eventValue(s, 'workspace')} = ${bind(text)}`)
  and(correlationId, (text) => isOfCorrelation(s, bind(text)))
  for (const [name, value] of Object.entries(attributes ?? {}))
    and(
      value,
      (text) => `${s}.context_of(c.context) -> 'attributes' -> ${bind(name)}::text = to_jsonb(${bind(text)}::text)`,
    )
  and(from, (us) => `c.recorded_at >= ${bind(us)}`)
  and(to, (us) => `c.recorded_at < ${bind(us)}`)
}

export function askCommands(s: string, where: Where, filter: CommandFilter): void {
  const { tenant, statuses, commandType, correlationId, sender, from, to, afterCommitNo } = filter
  const { and, bind } = where
  and(true, () => isRecorded)
  // What was forgotten lies at the beginning, and a list of the oldest would pass over all of it.
  and(true, () => `c.commit_no > coalesce((SELECT p.commit_no FROM ${s}.purges p WHERE p.scope = '${scopeOfAll}'), 0)`)
  and(tenant, (text) => `${s}.index_key(c.tenant) = ${s}.index_key(${bind(text)})`)
  and(statuses, (texts) => `c.outcome = ANY (${bind(textArray(texts))}::text[])`)
  and(commandType, (text) => `c.command_type = ${bind(text)}`)
  and(sender, (text) => {
    const context = `${s}.context_of(c.context)`
    return `coalesce(${context} ->> 'identity', ${context} ->> 'account') = ${bind(text)}`
  })
  and(from, (us) => `c.recorded_at >= ${bind(us)}`)
  and(to, (us) => `c.recorded_at < ${bind(us)}`)
  and(afterCommitNo, (number) => `c.commit_no > ${bind(number)}`)
  if (correlationId !== undefined) where.either(waysOfCorrelation('c', bind(correlationId)))
}

/** Names what a purge is about, for the table of how far each has come. */
export function purgeScope({ tenant, statuses }: Pick<Purge, 'tenant' | 'statuses'>): string {
  return hash('sha256', JSON.stringify([tenant ?? null, [...new Set(statuses)].toSorted()]))
}
const scopeOfAll = purgeScope(purgeOf({ before: 0 }))

/** Commands that carry a correlation, and the one whose id it is. `id`: the placeholder of its id. */
export function waysOfCorrelation(row: string, id: string): readonly string[] {
  return [`${row}.correlation_id = ${id}`, `${row}.command_id = ${id} AND ${row}.correlation_id IS DISTINCT FROM ${id}`]
}

/** Commits that carry a correlation, and those of the command whose id it is. */
function isOfCorrelation(s: string, id: string): string {
  return `c.commit_no IN (SELECT commit_no FROM ${s}.commits WHERE correlation_id = ${id}
    UNION ALL SELECT commit_no FROM ${s}.commits WHERE command_id = ${id})`
}
