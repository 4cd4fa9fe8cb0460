// The bound on what is done at once: over it a request is refused before its body is read.
import type { IncomingMessage } from 'node:http'
import type { FastifyReply, onRequestHookHandler } from 'fastify'
import { writeProblem } from './answer.ts'
import { problemOf } from './problem.ts'
import type { Asking } from './serving.ts'

/** Whether there is no room for one more. */
export function isFull({ inFlight, settings }: Asking): boolean {
  return inFlight.running + inFlight.arriving.size >= settings.requestsInFlightMax
}

/** Answers 503 `overloaded`. Nothing is logged: a refusal must cost next to nothing. */
export function refuse(serving: Asking, reply: FastifyReply): void {
  writeProblem(serving, reply, overloaded)
}

const overloaded = problemOf('overloaded', 'Nothing was done. Try again.')

/** Admits requests that may have a body, before it is read; their handler or the error handler takes them out again. */
export function admission(serving: Asking): onRequestHookHandler {
  const { inFlight, settings } = serving
  return ({ raw }, reply, done) => {
    if (!isFull(serving)) {
      inFlight.arriving.add(raw)
      return done()
    }
    // The rest of a refused body is thrown away as it comes, but not for ever.
    if (mayBeEndless(raw, settings.bodyBytesMax)) reply.header('connection', 'close')
    return refuse(serving, reply)
  }
}

function mayBeEndless({ headers }: IncomingMessage, bodyBytesMax: number): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > bodyBytesMax
}
