// How callers of a query ask for history: by three parameters of the query string, whatever the method, beside those of the input.
import type { HistoryAsked } from '@gesta/core'
import { Refusal } from '../problem.ts'
import type { ServedRoute } from '../served-route.ts'
import { decode } from './query-string.ts'
import type { RequestParts } from './read-input.ts'

const historyParameters = ['includeHistory', 'historyLimit', 'historyBefore'] as const
type HistoryParameter = (typeof historyParameters)[number]
/** The most items of one aggregate that core gives at once. */
export const historyLimitMax = 1_000

/** Whether a route has them: a query of the app has, unless its own input takes a parameter of one of these names. */
export function takesHistory({ method, purpose, served: { kind, shape } }: ServedRoute): boolean {
  if (kind !== 'query' || purpose === 'runtime') return false
  return method !== 'GET' || shape.kind !== 'fields' || !historyParameters.some((name) => shape.fields.has(name))
}

/** Whether a query string can have one of them; a look is cheaper than taking it apart. */
export function mentionsHistory(queryString: string): boolean {
  return mention.test(queryString)
}
const mention = /istory|%/

/** The request without them, and what they say. Errors: `invalid_parameter`, `repeated_parameter`, those of reading a query string. */
export function takeHistory(parts: RequestParts): { readonly parts: RequestParts; readonly history: HistoryAsked } {
  const given = new Map<HistoryParameter, string>()
  const rest: string[] = []
  for (const part of parts.queryString.split('&')) {
    const [name = '', text = ''] = cut(part)
    const parameter = historyParameters.find((known) => known === decode(name, false))
    if (parameter === undefined) rest.push(part)
    else if (given.has(parameter))
      throw new Refusal('repeated_parameter', `Expected the parameter ${parameter} once, received it several times.`)
    else given.set(parameter, decode(text, false))
  }
  const range = { limit: whole(given, 'historyLimit', historyLimitMax), before: whole(given, 'historyBefore') }
  return { parts: { ...parts, queryString: rest.join('&') }, history: isWanted(given) ? range : undefined }
}

function cut(part: string): readonly string[] {
  const equals = part.indexOf('=')
  return equals === -1 ? [part] : [part.slice(0, equals), part.slice(equals + 1)]
}

function isWanted(given: ReadonlyMap<HistoryParameter, string>): boolean {
  const text = given.get('includeHistory')
  if (text === undefined || text === 'true' || text === 'false') return text === 'true'
  throw new Refusal(
    'invalid_parameter',
    `Expected the parameter includeHistory to be true or false, received ${JSON.stringify(text)}.`,
  )
}

function whole(
  given: ReadonlyMap<HistoryParameter, string>,
  name: HistoryParameter,
  max = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const text = given.get(name)
  if (text === undefined) return undefined
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (value >= 1 && value <= max) return value
  throw new Refusal(
    'invalid_parameter',
    `Expected the parameter ${name} to be a whole number from 1 to ${max}, received ${JSON.stringify(text)}.`,
  )
}
