// The request context of what is stored, as far as lists ask for it. Contexts are stored as exact texts; here they are only looked at.
import { isKey } from '../codec/key-text.ts'
import type { RequestContext } from '../request-context/request-context.ts'

/** The fields of a stored context; none when the text is no JSON object, which no store takes. */
export function contextOf(text: string): RequestContext {
  if (text === '{}') return {}
  try {
    const context: unknown = JSON.parse(text)
    return typeof context === 'object' && context !== null ? context : {}
  } catch {
    return {}
  }
}

/**
 * The correlation that a context carries, for stores that keep it in a column of its own; absent when there is none that could be
 * asked for. On the way of every commit, so a text that cannot have one is not parsed.
 */
export function correlationIdOf(text: string): string | undefined {
  if (!text.includes('"correlationId"')) return undefined
  const { correlationId } = contextOf(text)
  return isKey(correlationId) ? correlationId : undefined
}
