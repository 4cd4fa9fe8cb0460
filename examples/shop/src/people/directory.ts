// Who belongs to which groups, for the app: the people of the example as they are written down.
import { plainDirectory, systemTenant } from '@gesta/core'
import { people } from './people.ts'
import type { Person } from './people.ts'
import { groups } from './permissions.ts'

function identitiesOf(tenant: Person['tenant']) {
  const ofTenant = people.filter((person) => person.tenant === tenant)
  return Object.fromEntries(ofTenant.map((person) => [person.identity, { groups: person.groups }]))
}

/** The shop has no tenants; its people belong to the empty one, and who runs it to the app's own. */
export const directory = plainDirectory({
  tenants: {
    '': { identities: identitiesOf(''), groups },
    [systemTenant]: { identities: identitiesOf(systemTenant) },
  },
})
