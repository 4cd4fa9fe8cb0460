// Serves the runtime event stream as server-sent events, on either address: `GET .../runtime/events`.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GestaError, isGestaError } from '@gesta/core/host'
import type { RuntimeStream } from '@gesta/core/host'
import type { RequestContext } from '@gesta/core'
import { isFull, refuse } from '../admission.ts'
import { pathOf, sendProblem } from '../answer.ts'
import { targeting, traced } from '../caller.ts'
import { beginEventStream, responseWriter } from '../events/response-writer.ts'
import { keepLooking } from '../events/stream-caller.ts'
import { metadataOf } from '../headers.ts'
import { checkText } from '../input/json-text.ts'
import { tell } from '../logger.ts'
import { isOfServer, Refusal } from '../problem.ts'
import type { Asking } from '../serving.ts'
import { placeOf, requestIdOf } from '../watching.ts'
import { closing, feed, heartbeat, opening } from './event-feed.ts'
import type { Behind, Pages, Patience } from './event-feed.ts'
import { eventQuestionOf } from './event-question.ts'
import { runtimeBases } from './runtime-table.ts'

/** The permission that a stream takes. */
export const streamPermission = 'Runtime.EventStream'
export const streamPaths: readonly string[] = runtimeBases.map((base) => `${base}/events`)

/** Why a stream ended, beside `revoked`: `failed` is a failure of the server, after which a client comes back. */
type End = 'stopping' | 'revoked' | 'expired' | 'changed' | 'failed'

export interface StreamAudience {
  /** Who asks. Errors: `unauthenticated`, those of `authenticate`. */
  callerOf(request: FastifyRequest): Promise<RequestContext | undefined>
  /** Whether this address is for them. Errors: `permission_denied`. */
  readonly admit?: (request: FastifyRequest) => Promise<void>
  /** Asked again while the stream lasts; absent where the answer cannot change. */
  readonly again: ((request: FastifyRequest) => Promise<RequestContext | undefined>) | undefined
}

/** Adds the routes, and ends what is open on them when the server closes. */
export function addRuntimeStream(
  server: FastifyInstance,
  asking: Asking,
  stream: RuntimeStream,
  { callerOf, admit, again }: StreamAudience,
): void {
  const { heartbeatMs, recheckMs } = asking.settings.runtime
  const open = new Set<(reason: End) => void>()

  const run = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { raw } = reply
    const ending = new AbortController()
    let reason = 'stopping' as End
    const end = (why: End): void => {
      if (!ending.signal.aborted) reason = why
      ending.abort()
    }
    raw.once('close', () => ending.abort())
    let caller: RequestContext | undefined
    let pages: Pages
    let reopen: (behind: Behind) => Promise<Pages>
    let stillMay: Patience['stillMay']
    asking.inFlight.running++
    try {
      await asking.limit?.check(request.ip, false)
      const question = eventQuestionOf(request)
      caller = traced(await callerOf(request), request.raw)
      if (caller?.account === undefined) throw new Refusal('unauthenticated', 'Send credentials, and try again.')
      await admit?.(request)
      const { who, tenant } = aboutTenant(caller, request)
      const metadata = metadataOf(request.ip, request.raw)
      const options = { ...question, tenant, signal: ending.signal, metadata }
      stillMay = () => asking.host.permissions.require(who, streamPermission, metadata)
      reopen = (behind) => opened(stream, who, { ...options, ...behind })
      pages = await opened(stream, who, options)
      if (asking.stopping) {
        // What is left between two pages keeps its place among the open ones.
        await pages.return?.()
        throw new GestaError('app_stopped', 'The server is stopping. Connect to another one.')
      }
    } catch (error) {
      ending.abort()
      sendProblem(asking, request, reply, error, caller?.account === undefined)
      return
    } finally {
      asking.inFlight.running--
    }
    const facts = factsOf(caller)
    const look = again && (async () => factsOf(await again(request)))
    const stopLooking = look === undefined ? undefined : keepLooking(recheckMs, look, facts, end)
    const beat = setInterval(() => raw.writableNeedDrain || raw.write(heartbeat), heartbeatMs)
    open.add(end)
    const writer = responseWriter(raw)
    try {
      beginEventStream(asking, reply)
      raw.write(opening)
      await feed(raw, pages, reopen, { recheckMs, stillMay }, ending.signal)
    } catch (error) {
      end(isGestaError(error, 'permission_denied') ? 'revoked' : 'failed')
      if (isOfServer(error)) {
        const told = { requestId: requestIdOf(request.raw), path: pathOf(request.url), ...placeOf(request.raw), error }
        tell(asking.settings.logger, 'warn', told, 'A runtime event stream ended.')
      }
    } finally {
      stopLooking?.()
      clearInterval(beat)
      open.delete(end)
      ending.abort()
    }
    raw.write(closing(reason))
    writer.end(reason === 'failed' ? 'changed' : reason)
  }

  server.addHook('preClose', async () => {
    for (const end of open) end('stopping')
  })
  for (const path of streamPaths)
    server.get(path.replace('{tenantUuid}', ':p0'), (request, reply) => {
      if (request.method === 'HEAD') return void beginEventStream(asking, reply).end()
      if (isFull(asking)) return refuse(asking, reply)
      return void run(request, reply)
    })
}

/** The pages of a stream that the caller was let into: the first one, which is empty, says so. */
async function opened(...[stream, ...how]: [RuntimeStream, ...Parameters<RuntimeStream['open']>]): Promise<Pages> {
  const pages = stream.open(...how)[Symbol.asyncIterator]()
  await pages.next()
  return pages
}

/** The tenant of the path, else the caller's. */
function aboutTenant(
  caller: RequestContext,
  { params }: FastifyRequest,
): { readonly who: RequestContext; readonly tenant: string } {
  const { p0 } = params as { readonly p0?: string }
  if (p0 === undefined) return { who: caller, tenant: caller.targetTenant ?? caller.tenant ?? '' }
  checkText(p0, 'the tenant of the path')
  return { who: targeting(caller, p0), tenant: p0 }
}

function factsOf(caller: RequestContext | undefined): string {
  return JSON.stringify([caller?.tenant, caller?.identity, caller?.account, caller?.session])
}
