// The order of domains: each after those that it depends on. They start in it, migrate in it, and stop the other way round.
import { dependencyOrder } from '../migrations/dependency-order.ts'
import { closest } from '../schema/options.ts'
import type { DomainParts } from './domain-parts.ts'

/** Domains that do not depend on each other stay in the order of the list. Throws a plain error for a circle and for what is missing. */
export function orderDomains<Domain extends Pick<DomainParts, 'name' | 'dependsOn'>>(
  domains: readonly Domain[],
): readonly Domain[] {
  const names = domains.map(({ name }) => name)
  for (const { name, dependsOn } of domains)
    for (const dependency of dependsOn) {
      if (names.includes(dependency)) continue
      const near = closest(dependency, names)
      const hint = near === undefined ? 'Add it to the domains of the app.' : `Did you mean "${near}"?`
      throw new Error(
        `The domain ${chainTo(domains, name).join(' → ')} depends on "${dependency}", which the app does not have. ${hint}`,
      )
    }
  return dependencyOrder(domains, (path) => {
    return new Error(
      `Domains depend on each other in a circle: ${path}. Move what they share into a domain of its own, or leave one dependency out.`,
    )
  })
}

/** Who asks for whom, up to a domain: the first that nobody asks for, or where it goes round. */
function chainTo(domains: readonly Pick<DomainParts, 'name' | 'dependsOn'>[], name: string): readonly string[] {
  const chain = [name]
  for (;;) {
    const asking = domains.find(({ dependsOn }) => dependsOn.includes(chain[0] ?? ''))
    if (asking === undefined || chain.includes(asking.name)) return chain
    chain.unshift(asking.name)
  }
}
