// What inputs of the identity domains are made of: ids, names, pages. All of them bounded.
import { isErased } from '@gesta/core'
import type { CommandContract, Erased, QueryContract, RequestContext } from '@gesta/core'
import { z } from 'zod'

/** An id that this app made, such as that of a group. */
export const id: z.ZodType<string, string> = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9:._-]*$/)
  .max(128)

/** What people call something: one line, without what would show it as something else. */
export const name: z.ZodType<string, string> = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]*$/u, 'Expected one line of text.')

/** Groups that are given at once. */
export const groupIds: z.ZodType<readonly string[], readonly string[]> = z.array(id).max(100).readonly()

export interface PageOf {
  /** From 1, to 10,000. */
  readonly page?: number | undefined
  /** 1 to 200; default 50. */
  readonly pageSize?: number | undefined
}
export const pageOf: z.ZodType<PageOf, PageOf> = z.object({
  page: z.int().min(1).max(10_000).optional(),
  pageSize: z.int().min(1).max(200).optional(),
})
export interface Paged<Item> {
  readonly items: readonly Item[]
  readonly total: number
}
export function paged<Item>(item: z.ZodType<Item>): z.ZodType<Paged<Item>> {
  return z.object({ items: z.array(item).readonly(), total: z.int() })
}
/** For the `list` of a projection. */
export function pageOptions({ page, pageSize }: PageOf): { readonly page: number; readonly pageSize: number } {
  return { page: page ?? 1, pageSize: pageSize ?? 50 }
}

/** A personal text as answers show it: `null` once it was erased. */
export function shown(text: string | Erased): string | null {
  return isErased(text) ? null : text
}

/** A command with rejections that have no details. */
export type Told<Type extends string, In, Result, Code extends string = never> = CommandContract<
  Type,
  In,
  Result,
  { [One in Code]: undefined }
>
/** A query. */
export type Asked<Type extends string, In, Result> = QueryContract<Type, In, Result>

/** The tenant whose data a message concerns. */
export function tenantOf({ targetTenant, tenant }: RequestContext): string {
  return targetTenant ?? tenant ?? ''
}
