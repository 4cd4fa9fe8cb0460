// The configuration of all processes, over the admin address of one: it is set, and the answer tells what each process made of it.
// Reference: docs/reference/admin.md.
import { findGestaError, systemTenant } from '@gesta/core/host'
import type { Host } from '@gesta/core/host'
import type { ConfigProcesses, QueryOptions, Token } from '@gesta/core'
import { targeting } from '../caller.ts'
import { rejectionOf } from '../problem.ts'
import { bodyOf, listOf, object, optional, readFields, readParameters, sentence, text, whole } from './fields.ts'
import type { AdminRoute, Asked, Told } from './route.ts'

const waitMs = optional(whole(0, 30_000))
const reason = optional(sentence(2_000))
const version = whole(0, Number.MAX_SAFE_INTEGER)
const change = {
  values: optional(object),
  remove: optional(listOf(text)),
  ifVersion: optional(version),
  reason,
  waitMs,
}
const rollback = { version, reason, waitMs }
const history = { before: optional(whole(1, Number.MAX_SAFE_INTEGER)), limit: optional(whole(1, 1_000)) }
const processes = { version: optional(version), waitMs }
/** Milliseconds in which a process takes what it was told of, as long as its sources answer. */
const waitMsDefault = 10_000

type ConfigHost = Pick<Host, 'contracts' | 'dispatch' | 'query'>

/** None in an app without the domain `Config`. Each route takes the permission of its contract. */
export function configRoutes(host: ConfigHost): readonly AdminRoute[] {
  if (!host.contracts.some(({ contract }) => contract.type === 'Config.Set')) return []
  const asking = ({ caller, metadata, hungUp }: Asked): QueryOptions => ({
    context: targeting(caller, systemTenant),
    role: 'admin',
    metadata,
    signal: hungUp,
  })
  const answered = async (asked: Asked, type: string, data: unknown, after?: Token): Promise<Told> => ({
    body: (await host.query({ type, data }, { ...asking(asked), after })).result,
  })
  /** What was set stays set, whatever keeps the processes from being listed. */
  const set = async (asked: Asked, type: string, data: object, wait = waitMsDefault): Promise<Told> => {
    const { signal: _, ...unhurried } = asking(asked)
    const outcome = await host.dispatch({ type, data }, unhurried)
    if (!outcome.ok) return { problem: rejectionOf(outcome) }
    const stored = outcome.result as Pick<ConfigProcesses, 'version'>
    try {
      return await answered(asked, 'Config.Processes', { version: stored.version, waitMs: wait }, outcome.token)
    } catch (error) {
      return { body: { version: stored.version, unlisted: findGestaError(error)?.code ?? 'internal' } }
    }
  }
  return [
    {
      method: 'GET',
      path: '/admin/config',
      permission: { asked: 'Config.Show' },
      answer: (asked) => {
        readParameters(asked.queryString, {})
        return answered(asked, 'Config.Show', undefined)
      },
    },
    {
      method: 'POST',
      path: '/admin/config',
      permission: { asked: 'Config.Set' },
      answer: (asked) => {
        const { waitMs: wait, ...data } = readFields(bodyOf(asked.body), change)
        return set(asked, 'Config.Set', data, wait)
      },
    },
    {
      method: 'POST',
      path: '/admin/config/rollback',
      permission: { asked: 'Config.Rollback' },
      answer: (asked) => {
        const { waitMs: wait, ...data } = readFields(bodyOf(asked.body), rollback)
        return set(asked, 'Config.Rollback', data, wait)
      },
    },
    {
      method: 'GET',
      path: '/admin/config/history',
      permission: { asked: 'Config.History' },
      answer: (asked) => answered(asked, 'Config.History', readParameters(asked.queryString, history)),
    },
    {
      method: 'GET',
      path: '/admin/config/processes',
      permission: { asked: 'Config.Processes' },
      answer: (asked) => answered(asked, 'Config.Processes', readParameters(asked.queryString, processes)),
    },
  ]
}
