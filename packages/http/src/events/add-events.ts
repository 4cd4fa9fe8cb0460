// Serves presentation events: server-sent events by GET, and the same over a WebSocket when the request asks for one.
import type { IncomingMessage } from 'node:http'
import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GestaError } from '@gesta/core/host'
import type { FanoutConnection, FrameFormat } from '@gesta/core/host'
import type { RequestContext } from '@gesta/core'
import { isFull, refuse } from '../admission.ts'
import { sendProblem } from '../answer.ts'
import type { Serving } from '../serving.ts'
import type { EventsSettings } from './events-options.ts'
import { checkOrigin } from './origin.ts'
import { beginEventStream, responseWriter } from './response-writer.ts'
import { keepAsking, socketFormat, socketWriter } from './socket-writer.ts'
import { streamCaller, watchCaller } from './stream-caller.ts'
import { questionOf } from './stream-question.ts'

export const eventsPath = '/api/events'

/** Bytes of a message that a client may send before it is told to send none. */
const receivedBytesMax = 1024

/** Whether a request shall become a WebSocket. Others that ask for an upgrade (of the protocol, say) are answered as they are. */
export function isEventSocket({ url = '', headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && url.split('?', 1)[0] === eventsPath
}

/** Adds the route, and ends what is open on it when the server closes. */
export function addEvents(server: FastifyInstance, serving: Serving, events: EventsSettings): void {
  const open = new Set<FanoutConnection>()
  const joined = new WeakMap<IncomingMessage, FanoutConnection>()

  /** Takes a place at the hub for a request; answers with a problem when it cannot have one. */
  const join = async (
    request: FastifyRequest,
    reply: FastifyReply,
    format: FrameFormat | undefined,
  ): Promise<FanoutConnection | undefined> => {
    const { raw } = request
    let caller: RequestContext | undefined
    serving.inFlight.running++
    try {
      await serving.limit?.check(request.ip, false)
      const question = questionOf(request)
      const first = await streamCaller(serving.settings, events, request, (known) => (caller = known))
      if (serving.stopping) throw new GestaError('app_stopped', 'The server is stopping. Connect to another one.')
      if (raw.socket.destroyed) return undefined
      const connection = events.fanout.connect({ ...first.viewer, ...question, format })
      open.add(connection)
      const unwatch = watchCaller(serving.settings, events, request, first, (reason) => connection.end(reason))
      raw.socket.once('close', () => {
        unwatch()
        open.delete(connection)
        connection.leave()
      })
      return connection
    } catch (error) {
      sendProblem(serving, request, reply, error, caller === undefined)
      return undefined
    } finally {
      serving.inFlight.running--
    }
  }
  const stream = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const connection = await join(request, reply, undefined)
    if (connection === undefined) return
    connection.open(responseWriter(beginEventStream(serving, reply)))
  }

  server.addHook('preClose', async () => {
    for (const connection of open) connection.end('stopping')
  })
  void server.register(async (scope) => {
    await scope.register(websocket, {
      options: { maxPayload: receivedBytesMax, perMessageDeflate: false, clientTracking: false },
      preClose: (done) => done(),
    })
    scope.route({
      method: 'GET',
      url: eventsPath,
      preHandler: async (request, reply) => {
        if (!request.ws) return undefined
        if (isFull(serving)) refuse(serving, reply)
        else if (checkOrigin(serving, events, request, reply)) {
          const connection = await join(request, reply, socketFormat)
          if (connection !== undefined) joined.set(request.raw, connection)
        }
        return joined.has(request.raw) ? undefined : reply
      },
      handler: (request, reply) => {
        if (request.method === 'HEAD') return void beginEventStream(serving, reply).end()
        if (isFull(serving)) return refuse(serving, reply)
        return void stream(request, reply)
      },
      wsHandler: (socket, { raw }) => {
        const connection = joined.get(raw)
        const stopAsking = keepAsking(socket, events.pingMs)
        socket.once('close', stopAsking)
        connection?.open(socketWriter(socket, raw.socket))
      },
    })
  })
}
