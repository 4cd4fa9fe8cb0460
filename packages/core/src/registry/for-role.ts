// Every function that runs something, for one role, in one line each.
import type { Answer, Command, Event, Job, Query, Role } from '../contracts/messages.ts'
import type { EnvelopeDraft } from './envelope.ts'
import { captureCommandEvents, executeCommand } from './execute-command.ts'
import type { CapturedAnswer } from './execute-command.ts'
import { executeJob, executeQuery } from './execute.ts'
import type { RunOptions } from './execute.ts'
import { publishEnvelope, publishEnvelopes } from './publish-envelopes.ts'
import { publishDomain, publishIntegration, publishPresentation } from './publish.ts'
import type { PublishPresentationOptions } from './publish.ts'
import type { Registry } from './registry.ts'
import type { CommandOptions } from './run-command.ts'

/** The options with a role. A role that is missing must not become "no role given", which runs everything: no gate admits the empty text. */
export function forRole<Options extends RunOptions>(
  role: Role | undefined,
  options: Options | undefined,
): Options & { readonly role: Role } {
  return { ...(options as Options), role: role ?? ('' as Role) }
}

/** `executeCommand` with a role. Reference: docs/reference/contracts.md. */
export function executeCommandForRole<Type extends string, In, Result, Rejections>(
  registry: Registry,
  role: Role,
  command: Command<Type, In, Result, Rejections>,
  options?: CommandOptions,
): Promise<Answer<Result, Rejections>> {
  return executeCommand(registry, command, forRole(role, options))
}

/** `captureCommandEvents` with a role. Reference: docs/reference/contracts.md. */
export function captureCommandEventsForRole<Type extends string, In, Result, Rejections>(
  registry: Registry,
  role: Role,
  command: Command<Type, In, Result, Rejections>,
  options?: RunOptions,
): Promise<CapturedAnswer<Result, Rejections>> {
  return captureCommandEvents(registry, command, forRole(role, options))
}

/** `executeQuery` with a role. Reference: docs/reference/contracts.md. */
export function executeQueryForRole<Type extends string, In, Result>(
  registry: Registry,
  role: Role,
  query: Query<Type, In, Result>,
  options?: RunOptions,
): Promise<Result> {
  return executeQuery(registry, query, forRole(role, options))
}

/** `executeJob` with a role. Reference: docs/reference/contracts.md. */
export function executeJobForRole<Type extends string, In>(
  registry: Registry,
  role: Role,
  job: Job<Type, In>,
  options?: RunOptions,
): Promise<void> {
  return executeJob(registry, job, forRole(role, options))
}

/** `publishDomain` with a role. Reference: docs/reference/contracts.md. */
export function publishDomainForRole<Type extends string, Data>(
  registry: Registry,
  role: Role,
  event: Event<'domain', Type, Data>,
  options?: RunOptions,
): Promise<void> {
  return publishDomain(registry, event, forRole(role, options))
}

/** `publishIntegration` with a role. Reference: docs/reference/contracts.md. */
export function publishIntegrationForRole<Type extends string, Data>(
  registry: Registry,
  role: Role,
  event: Event<'integration', Type, Data>,
  options?: RunOptions,
): Promise<void> {
  return publishIntegration(registry, event, forRole(role, options))
}

/** `publishPresentation` with a role. Reference: docs/reference/contracts.md. */
export function publishPresentationForRole<Type extends string, Data>(
  registry: Registry,
  role: Role,
  event: Event<'presentation', Type, Data>,
  options?: PublishPresentationOptions,
): Promise<void> {
  return publishPresentation(registry, event, forRole(role, options))
}

/** `publishEnvelope` with a role. Reference: docs/reference/contracts.md. */
export function publishEnvelopeForRole(
  registry: Registry,
  role: Role,
  event: EnvelopeDraft,
  options?: RunOptions,
): Promise<void> {
  return publishEnvelope(registry, event, forRole(role, options))
}

/** `publishEnvelopes` with a role. Reference: docs/reference/contracts.md. */
export function publishEnvelopesForRole(
  registry: Registry,
  role: Role,
  events: readonly EnvelopeDraft[],
  options?: RunOptions,
): Promise<void> {
  return publishEnvelopes(registry, events, forRole(role, options))
}
