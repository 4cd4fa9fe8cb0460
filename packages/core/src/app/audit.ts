// The audit log as the composition root wires it.
import type { DecideHandler } from '../aggregates/aggregate.ts'
import { createAppAudit } from '../audit/access.ts'
import type { AppAudit } from '../audit/app-audit.ts'
import { createAuditing } from '../audit/auditing.ts'
import type { AuditOptions } from '../audit/options.ts'
import type { Marks } from '../command-log/payload.ts'
import { readSigningKey } from '../audit/signature.ts'
import type { Auditing } from '../dispatch/auditing.ts'
import type { Sealing } from '../stores/event/sealing.ts'
import type { AppPermissions } from '../permissions/app-permissions.ts'
import type { BackendRuntime, OpenBackend } from '../stores/backend.ts'
import type { Catalogue } from './catalogue.ts'
import { marksOf } from './command-log.ts'

export interface AuditParts {
  readonly catalogue: Catalogue
  readonly backend: OpenBackend
  readonly runtime: BackendRuntime
  readonly sealing: Sealing | undefined
  readonly options: AuditOptions
  /** Wired after the engine, which the audit log is a part of. */
  permissions(): AppPermissions
}
export interface OpenedAudit {
  readonly auditing: Auditing
  readonly audit: AppAudit
}

export function openAudit({ catalogue, backend, runtime, sealing, options, permissions }: AuditParts): OpenedAudit {
  const { clock, ids } = runtime
  const { signingKey, anonymousPerSecond } = options
  const personal = [...catalogue.events.values()].flatMap((contract) => contract.personal?.fields ?? [])
  const ofEvents: Marks = Object.fromEntries(personal.map((field) => [field, 'personal']))
  const { auditing, status } = createAuditing({
    store: backend.events,
    clock,
    ids,
    anonymousPerSecond,
    marks: stateMarksOf(catalogue),
    marksOfOthers: { ...ofEvents, ...redactOf(catalogue.handlers) },
    // Where whole payloads are sealed, no state may lie open beside them, and entries are never changed.
    keepsStates: sealing?.all !== true,
  })
  const audit = createAppAudit({
    log: backend.audit,
    auditing,
    status,
    clock,
    signingKey: signingKey === undefined ? undefined : readSigningKey(signingKey),
    require: (caller, permission, metadata) => permissions().require(caller, permission, metadata),
  })
  return { auditing, audit }
}

/**
 * The fields that states go without, by command: those of its record, and those that another command marks that may change the same
 * aggregate, because what one of them brought in is in the state that the next one finds.
 */
function stateMarksOf(catalogue: Catalogue): ReadonlyMap<string, Marks> {
  const ofRecords = marksOf(catalogue)
  const commands = catalogue.handlers.filter(({ contract }) => contract.kind === 'command')
  const marking = commands.filter(({ contract }) => contract.redact !== undefined)
  return new Map(
    commands.map((command) => {
      const own = aggregateOf(command)
      const beside = marking.filter((other) => [own, undefined].includes(aggregateOf(other)) || own === undefined)
      return [command.contract.type, { ...redactOf(beside), ...ofRecords.get(command.contract.type) }]
    }),
  )
}
/** The one aggregate that a command decides on; nothing for one that may change any. */
function aggregateOf({ handler }: Catalogue['handlers'][number]): unknown {
  return (handler as Partial<DecideHandler>).aggregate
}
function redactOf(handlers: Catalogue['handlers']): Marks {
  return Object.assign({}, ...handlers.map(({ contract }) => contract.redact)) as Marks
}
