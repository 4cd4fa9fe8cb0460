// What commands ask of the runtime domain of a running app. Whoever runs the app asks under the tenant of the app itself.
import { systemTenant } from '@gesta/core'
import { runtimePath } from './admin-api.ts'
import type { AdminApi } from './admin-api.ts'
import type { ValueOption } from './command.ts'

/** Rows of one question; the app allows no more. */
const limit = 1_000

export const viewpointOption: { readonly tenant: ValueOption } = {
  tenant: { value: 'TENANT', about: `as a tenant of the app sees it (default: ${systemTenant}, which sees all)` },
}

/** The path of a question as a tenant asks it. */
export function askedOf(tenant: string | undefined, question: string): string {
  return runtimePath(tenant ?? systemTenant, question)
}

/** All rows of a list, a page at a time. */
export async function allRows<Row>(
  api: AdminApi,
  path: string,
  body: { readonly [field: string]: unknown },
): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (;;) {
    const page = (await api.post(path, { ...body, limit, offset: rows.length })) as Page<Row>
    rows.push(...page.items)
    if (page.items.length === 0 || rows.length >= page.total) return rows
  }
}
interface Page<Row> {
  readonly items: readonly Row[]
  readonly total: number
}
