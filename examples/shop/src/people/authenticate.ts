// Who asks over HTTP: whoever has a person's token is that person. For the example only; it checks nothing but that.
import type { Authenticate } from '@gesta/http'
import { contextOf, people } from './people.ts'

const contexts = new Map(people.map((person) => [`Bearer ${person.token}`, contextOf(person)]))

/** Without credentials a caller is nobody, as at the till. Errors: plain ones for credentials of nobody. */
export const authenticate: Authenticate = ({ headers: { authorization } }) => {
  if (authorization === undefined) return undefined
  const known = contexts.get(authorization)
  if (known === undefined) throw new Error('No person of the example has this token.')
  return known
}
