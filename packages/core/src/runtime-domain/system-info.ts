// What the app tells of itself: names and numbers, never a setting or a secret.
import type { EventStore } from '../stores/event/event-store.ts'
import { timeText } from '../time/clock.ts'
import type { RuntimeMetrics, SystemInfo } from './answers.ts'
import type { SystemInfoInput } from './contracts.ts'
import { eventHandlerRows } from './event-handlers.ts'
import type { Introspection } from './introspection.ts'
import { storeRows } from './lists.ts'

export async function systemInfoOf(app: Introspection, input: SystemInfoInput): Promise<SystemInfo> {
  const { name, version, instance, startedAt, clock, node, role, domains } = app
  return {
    name,
    version,
    instance,
    startedAt: timeText(startedAt),
    uptimeMs: Math.max(0, Math.floor((clock.nowUs() - startedAt) / 1000)),
    node,
    role,
    domains,
    tenants: await tenantsOf(app.backend.events, input),
    stream: app.stream.status(),
  }
}

const valuesMax = 10_000

/** Tenants that have an event: how many, and a page of their names. */
async function tenantsOf(
  events: EventStore,
  { limit = 100, offset = 0 }: SystemInfoInput,
): Promise<SystemInfo['tenants']> {
  const names: string[] = []
  let count = 0
  let after: string | undefined
  do {
    const page = await events.uniqueValues('tenant', {}, { after, limit: valuesMax })
    // The empty text stands for an app without tenants.
    for (const tenant of page) {
      if (tenant === '') continue
      if (count >= offset && names.length < limit) names.push(tenant)
      count++
    }
    after = page.length < valuesMax ? undefined : page.at(-1)
  } while (after !== undefined)
  return { count, names }
}

export async function metricsOf(app: Introspection): Promise<RuntimeMetrics> {
  const { recorded, sampled, lost, lastError, retentionError } = app.commandLog.status
  const { audit } = app
  return {
    at: timeText(app.clock.nowUs()),
    eventHandlers: eventHandlerRows(app),
    stream: app.stream.status(),
    stores: await storeRows(app),
    commandLog: { recorded, sampled, lost, lastError, retentionError },
    audit: { sampled: audit.status.sampled, lost: audit.status.lost, lastError: audit.status.lastError },
  }
}
