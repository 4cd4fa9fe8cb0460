// How long an operator waits for what may take long: until a deadline, or until they hang up. The work itself goes on.
import { Refusal } from '../problem.ts'
import { optional, whole } from './fields.ts'
import type { Kind } from './fields.ts'

/** The field with which an operator allows more time, or less. */
export const deadline: Kind<number | undefined> = optional(whole(1, 86_400_000))
export const deadlineMsDefault = 30_000

/** What comes of the work. Errors: its own; `deadline_exceeded`, with `late` as its detail; the reason of `hungUp`. */
export async function within<Result>(
  work: Promise<Result>,
  { hungUp }: { readonly hungUp: AbortSignal },
  late: string,
  deadlineMs: number = deadlineMsDefault,
): Promise<Result> {
  const ended = Promise.withResolvers<never>()
  const leave = (): void => ended.reject(hungUp.reason)
  const timer = setTimeout(() => ended.reject(new Refusal('deadline_exceeded', late)), deadlineMs)
  hungUp.addEventListener('abort', leave, { once: true })
  if (hungUp.aborted) leave()
  try {
    return await Promise.race([work, ended.promise])
  } finally {
    clearTimeout(timer)
    hungUp.removeEventListener('abort', leave)
  }
}
