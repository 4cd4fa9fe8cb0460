// The terms of a job as one JSON text beside its payload.
import type { JobTerms } from './job.ts'

export const defaultQueue = 'default'
const defaults: JobTerms = { queue: defaultQueue, priority: 5, attemptsMax: 10 }

/** Absent when nothing is other than by default, as with nearly all jobs. */
export function encodeTerms(terms: { readonly [Name in keyof JobTerms]?: JobTerms[Name] | undefined }):
  | string
  | undefined {
  const own = Object.entries(terms).filter(
    ([name, value]) => value !== undefined && value !== (defaults as unknown as Record<string, unknown>)[name],
  )
  return own.length === 0 ? undefined : JSON.stringify(Object.fromEntries(own))
}

/** What a store has beside a payload, with the defaults. Jobs of before there were terms have none. */
export function decodeTerms(text: string | undefined): JobTerms {
  return text === undefined ? defaults : { ...defaults, ...(JSON.parse(text) as Partial<JobTerms>) }
}
