// How permissions, and decisions about them, are shown to people.
import type { Explanation, PermissionEntry } from '@gesta/core'
import { tableOf } from './table.ts'
import { visibleInLine } from './visible.ts'

/** A line each, with headings. */
export function permissionTable(entries: readonly PermissionEntry[]): string {
  if (entries.length === 0) return 'No permissions.'
  return tableOf([
    ['permission', 'asks for', 'kind', 'description'],
    ...entries.map(({ name, level, kind, description }) => [name, level, kind, description]),
  ])
}

/** The decision, and below it the steps that led to it; the last one decided. */
export function explanationText({ permission, allowed, path }: Explanation): string {
  const steps = path.map(({ step, result, reason, groups = [] }) => [
    `  ${step}`,
    result,
    groups.length === 0 ? reason : `${reason} (${groups.join(', ')})`,
  ])
  return `${visibleInLine(permission)}: ${allowed ? 'allowed' : 'denied'}\n\n${tableOf(steps)}`
}
