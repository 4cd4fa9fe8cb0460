// An HTTP response as the hub writes to it: server-sent events.
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { FanoutWriter } from '@gesta/core/host'
import { securityHeadersOf } from '../security-headers.ts'
import type { Answering } from '../serving.ts'
import { lingerMs } from './linger.ts'

/** Begins a stream. */
export function beginEventStream(answering: Answering, reply: FastifyReply): ServerResponse {
  return reply.raw.writeHead(200, [...eventStreamHeaders, ...securityHeadersOf(answering, reply)])
}

const eventStreamHeaders = ['content-type', 'text/event-stream', 'cache-control', 'no-store', 'x-accel-buffering', 'no']

export function responseWriter(response: ServerResponse): FanoutWriter {
  // A peer that is gone is noticed by the end of its connection; what was on its way to it is nobody's loss.
  response.on('error', () => undefined)
  return {
    write: (frame) => response.write(frame),
    end: () => {
      const { socket } = response
      const linger = setTimeout(() => response.destroy(), lingerMs)
      response.once('close', () => clearTimeout(linger))
      response.end(() => socket?.destroySoon())
    },
    destroy: () => response.destroy(),
    onDrain: (listener) => response.on('drain', listener),
    onClose: (listener) => response.once('close', listener),
  }
}
