// What can be wrong with a domain, told at set-up and in a sentence: what the compiler cannot see, or was not asked.
import { aggregateParts } from '../aggregates/aggregate.ts'
import { PermissionsChanged } from '../contracts/permissions-changed.ts'
import { SubjectErased } from '../contracts/subject-erased.ts'
import { levels } from '../permissions/level.ts'
import { storePermissions } from '../permissions/store-permissions.ts'
import { readModelParts } from '../read-models/read-model-parts.ts'
import { processManagerParts } from '../process-managers/process-manager-parts.ts'
import { subscriberParts } from '../pump/subscriber.ts'
import { cronParts } from '../queue/cron.ts'
import { checkOptions, closest } from '../schema/options.ts'
import { checkMigrations } from './domain-migrations.ts'
import type { DomainParts } from './domain-parts.ts'

/** Throws a plain error. */
export function checkDomain(domain: DomainParts): void {
  checkNames(domain)
  if (domain.tenant !== undefined && (typeof domain.tenant !== 'string' || domain.tenant === ''))
    throw new Error(`Expected the tenant of the domain ${domain.name} to be a text, or to be left out.`)
  checkPermissions(domain)
  checkCustomPermissions(domain)
  checkAdvances(domain)
  checkCacheTags(domain)
  checkLife(domain)
  for (const part of domain.aggregates) {
    if (!(aggregateParts(part).folds instanceof Map)) throw misplaced(domain, part.name, 'aggregates', 'aggregate')
  }
  for (const part of domain.readModels) {
    if (!(readModelParts(part).handlers instanceof Map)) throw misplaced(domain, part.name, 'readModels', 'read model')
  }
  checkFollowing(domain)
}

/** A subscriber or process manager without an event would be silent for ever, and so would the notice of a query that the domain does not answer. */
function checkFollowing(domain: DomainParts): void {
  for (const part of domain.subscribers) {
    const { domain: events, integration, any, roles = [] } = subscriberParts(part)
    if (!(events instanceof Map)) throw misplaced(domain, part.name, 'subscribers', 'subscriber')
    if (events.size === 0 && integration.size === 0 && any === undefined)
      throw new Error(
        `The subscriber ${part.name} of the domain ${domain.name} has no event. Give it one with .on(...).`,
      )
    // Sources are worked on in the role of a worker, whatever the process is.
    if (integration.size > 0 && roles.length > 0 && !roles.includes('worker') && !roles.includes('any'))
      throw new Error(
        `The subscriber ${part.name} of the domain ${domain.name} has integration events, which workers receive, but its roles are ${roles.join(', ')}. Add "worker" to them.`,
      )
  }
  for (const part of domain.processManagers) {
    const { events, roles = [] } = processManagerParts(part)
    if (!(events instanceof Map)) throw misplaced(domain, part.name, 'processManagers', 'process manager')
    if (events.size === 0)
      throw new Error(
        `The process manager ${part.name} of the domain ${domain.name} has no event. Give it one with .on(...).`,
      )
    const receives = [...events.values()].some(({ contract }) => contract.category === 'integration')
    if (receives && roles.length > 0 && !roles.includes('worker') && !roles.includes('any'))
      throw new Error(
        `The process manager ${part.name} of the domain ${domain.name} has integration events, which workers receive, but its roles are ${roles.join(', ')}. Add "worker" to them.`,
      )
  }
  for (const part of domain.crons)
    if (typeof cronParts(part).runs?.next !== 'function') throw misplaced(domain, part.name, 'crons', 'cron')
  const answered = domain.handlers.flatMap(({ contract }) => (contract.kind === 'query' ? [contract.type] : []))
  for (const [event, queries] of domain.invalidates) {
    if (event.category !== 'domain')
      throw new Error(`The domain ${domain.name} lists ${event.type} in invalidates, but it is no domain event.`)
    const unanswered = queries.find(({ type }) => !answered.includes(type))
    if (unanswered !== undefined)
      throw new Error(
        `The domain ${domain.name} says that ${event.type} invalidates ${unanswered.type}, which is no query that it handles. Name its own queries.`,
      )
  }
}

function checkNames({ name, handlers }: DomainParts): void {
  const seen = new Map<string, string>()
  for (const { contract } of handlers) {
    if (!contract.type.startsWith(`${name}.`))
      throw new Error(
        `The domain ${name} handles ${contract.type}, which is another domain's. Its contracts are named "${name}.Something".`,
      )
    const other = seen.get(contract.type)
    if (other === contract.kind)
      throw new Error(`The domain ${name} has two handlers of the ${contract.kind} ${contract.type}. Keep one.`)
    if (other !== undefined && contract.kind !== 'job' && other !== 'job')
      throw new Error(
        `The domain ${name} has a ${other} and a ${contract.kind} named ${contract.type}. Rename one: routes and permissions share the name.`,
      )
    seen.set(contract.type, contract.kind)
  }
}

function checkPermissions({ name, handlers, permissions }: DomainParts): void {
  if (typeof permissions === 'string') return checkLevel(name, 'permissions', permissions)
  if (typeof permissions !== 'object' || permissions === null) {
    throw new Error(
      `The domain ${name} has no permissions. Name a level for all (${levels.join(', ')}), or a line per command and query.`,
    )
  }
  const needed = handlers.filter(({ contract }) => contract.kind !== 'job').map(({ contract }) => contract.type)
  for (const type of needed) {
    const permission = permissions[type]
    if (permission === undefined) {
      throw new Error(
        `The domain ${name} has no permission for ${type}. Add a line to its permissions: nothing runs without one.`,
      )
    }
    if (typeof permission !== 'function') checkLevel(name, type, permission)
  }
  checkOptions(permissions, needed, `The permission table of the domain ${name}`)
}

const permissionPattern = /^[A-Za-z0-9]+(\.[A-Za-z0-9]+)+$/

function checkCustomPermissions({ name, handlers, customPermissions }: DomainParts): void {
  for (const { contract } of handlers) checkDescription(name, contract.type, contract.description)
  const taken = new Set(handlers.filter(({ contract }) => contract.kind !== 'job').map(({ contract }) => contract.type))
  for (const own of customPermissions) {
    checkOptions(own, ['name', 'description', 'implies'], `A custom permission of the domain ${name}`)
    if (typeof own.name !== 'string' || !permissionPattern.test(own.name))
      throw new Error(
        `Expected a permission of the domain ${name} to be named like "Order.Approve" (letters and digits, parts joined by dots), received "${own.name}".`,
      )
    if (storePermissions.has(own.name))
      throw new Error(
        `The domain ${name} names a permission of its own ${own.name}, which is one of a store. Add the domains that registerStorePermissions() returns instead.`,
      )
    if (taken.has(own.name))
      throw new Error(
        `The domain ${name} has two permissions named ${own.name}. Rename one, or leave out what a contract is.`,
      )
    taken.add(own.name)
    checkDescription(name, own.name, own.description)
  }
}

function checkDescription(domain: string, permission: string, description: unknown): void {
  if (description === undefined || (typeof description === 'string' && description.trim() !== '')) return
  throw new Error(
    `The permission ${permission} of the domain ${domain} has an empty description. Say what it allows, or leave it out.`,
  )
}

/** An event that is none of the log would move no epoch, and nobody would notice. */
function checkAdvances({ name, advances }: DomainParts): void {
  for (const [event, epochs] of advances) {
    if (event.category !== 'domain')
      throw new Error(`The domain ${name} lists ${event.type} in advances, but it is no domain event.`)
    if (event.type === PermissionsChanged.type)
      throw new Error(`The domain ${name} lists ${event.type} in advances, which moves an epoch itself. Leave it out.`)
    if (event.type === SubjectErased.type)
      throw new Error(
        `The domain ${name} lists ${event.type} in advances, but an erasure is no command and moves no epoch. Call running.permissions.changed(...) after running.erase(...), or advance by an event of your own.`,
      )
    if (typeof epochs !== 'function')
      throw new Error(`The domain ${name} does not say whose permissions ${event.type} changes. Give it a function.`)
  }
}

function checkLife(domain: DomainParts): void {
  const { name, version, dependsOn, start, stop } = domain
  if (version !== undefined && (typeof version !== 'string' || version === ''))
    throw new Error(`Expected the version of the domain ${name} to be a text, or to be left out.`)
  if (!Array.isArray(dependsOn) || dependsOn.some((other) => typeof other !== 'string'))
    throw new Error(`Expected dependsOn of the domain ${name} to be a list of names of domains.`)
  for (const [what, run] of Object.entries({ start, stop }))
    if (run !== undefined && typeof run !== 'function')
      throw new Error(`Expected ${what} of the domain ${name} to be a function, or to be left out.`)
  checkMigrations([{ ...domain, dependsOn: [] }])
}

function checkCacheTags({ name, cacheTags }: DomainParts): void {
  for (const [event, tags] of cacheTags) {
    if (event.category !== 'domain')
      throw new Error(`The domain ${name} lists ${event.type} in cacheTags, but it is no domain event.`)
    if (typeof tags !== 'function')
      throw new Error(`The domain ${name} does not say which tags ${event.type} ends. Give it a function.`)
  }
}

function checkLevel(name: string, where: string, level: string): void {
  if (levels.includes(level)) return
  const near = closest(level, levels)
  const hint = near === undefined ? `Levels: ${levels.join(', ')}.` : `Did you mean "${near}"?`
  throw new Error(`The domain ${name} has an unknown level "${level}" for ${where}. ${hint}`)
}

function misplaced({ name }: DomainParts, part: string, option: string, what: string): Error {
  return new Error(`The domain ${name} lists ${part} in ${option}, but it is no ${what}. Move it to where it belongs.`)
}
