// Who a stream belongs to, and what it may see: asked when it opens, and again while it lasts.
import type { FastifyRequest } from 'fastify'
import type { Denied, RequestContext } from '@gesta/core'
import { findGestaError, GestaError } from '@gesta/core/host'
import type { FanoutClientOptions, StreamEnd } from '@gesta/core/host'
import { callerOf, inTime } from '../caller.ts'
import { Refusal } from '../problem.ts'
import type { Settings } from '../options.ts'
import { statuses } from '../status.ts'
import type { EventsSettings } from './events-options.ts'

type Viewer = Required<Pick<FanoutClientOptions, 'tenant' | 'identity' | 'audience'>>

/** What decides over a stream: `anonymous` for the problem when it may not be opened, `viewer` for the hub when it may. */
export interface StreamCaller {
  readonly caller: RequestContext | undefined
  readonly viewer: Viewer
}

/** Errors: those of `authenticate`; `unauthenticated` when its session has ended; `permission_denied`; what `audience` throws. `known` is told who asks as soon as it is known. */
export async function streamCaller(
  settings: Settings,
  events: EventsSettings,
  request: FastifyRequest,
  known: (caller: RequestContext | undefined) => void = () => undefined,
): Promise<StreamCaller> {
  const caller = settings.whoAsks === undefined ? undefined : await callerOf(settings.whoAsks, settings, request)
  known(caller)
  if (caller !== undefined && !(await isLive(settings, caller)))
    throw new Refusal('unauthenticated', 'The session has ended. Sign in.')
  const answer = events.audience?.(caller)
  const audience = labelsOf((answer instanceof Promise ? await inTime(answer, settings.deadlineMs) : answer) ?? [])
  // What is shown is of the caller's own tenant, whatever other tenant the request is about.
  return { caller, viewer: { tenant: caller?.tenant ?? '', identity: identityOf(caller, request), audience } }
}

async function isLive({ sessions, deadlineMs }: Settings, caller: RequestContext): Promise<boolean> {
  return sessions?.isLive === undefined || inTime(sessions.isLive(caller), deadlineMs)
}

function labelsOf(answer: readonly string[] | Denied): readonly string[] {
  if (Array.isArray(answer)) {
    const labels: readonly unknown[] = answer
    // Not even a missing id may become a label that somebody else's missing id is too.
    if (labels.every((label) => typeof label === 'string' && label.trim() !== ''))
      return (labels as string[]).toSorted()
  } else if ('denied' in answer) throw new GestaError('permission_denied', answer.reason)
  throw new Error('Expected events.audience to return a list of labels or deny(...), received something else.')
}

/** Whose streams are counted together: nobody knows who anonymous callers are, so they are counted by address. */
function identityOf(caller: RequestContext | undefined, { ip }: FastifyRequest): string {
  const known = caller?.identity ?? caller?.account ?? caller?.session
  return known === undefined ? `address ${ip}` : `caller ${known}`
}

/**
 * Looks at the caller of an open stream again and again, and ends the stream when nobody is there any more (`expired`), or somebody
 * else or with other labels (`changed`). An outage of whoever knows callers ends no stream. The answer stops watching.
 */
export function watchCaller(
  settings: Settings,
  events: EventsSettings,
  request: FastifyRequest,
  first: StreamCaller,
  end: (reason: StreamEnd) => void,
): () => void {
  // Without either nothing can change.
  if (settings.whoAsks === undefined && events.audience === undefined) return () => undefined
  const look = async (): Promise<string> => factsOf(await streamCaller(settings, events, request))
  return keepLooking(events.recheckMs, look, factsOf(first), end)
}

/**
 * Looks again and again, and ends a stream when nobody is there any more (`expired`), or what is found is not what was `opened`
 * (`changed`). An outage ends nothing. The answer stops looking.
 */
export function keepLooking(
  recheckMs: number,
  look: () => Promise<string>,
  opened: string,
  end: (reason: 'expired' | 'changed') => void,
): () => void {
  let timer = setTimeout(check, recheckMs)
  let stopped = false
  function check(): void {
    const again = (): void => {
      if (!stopped) timer = setTimeout(check, recheckMs)
    }
    look().then(
      (now) => (now === opened ? again() : end('changed')),
      (error: unknown) => (isOutage(error) ? again() : end('expired')),
    )
  }
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}

function factsOf({ caller, viewer }: StreamCaller): string {
  return JSON.stringify([caller?.tenant, caller?.identity, caller?.account, caller?.session, viewer.audience])
}

function isOutage(error: unknown): boolean {
  const code = error instanceof Refusal ? error.code : findGestaError(error)?.code
  return code !== undefined && statuses[code] >= 500
}
