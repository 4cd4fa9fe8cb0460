// The bound on what is done at once: over it a request is refused before its body is read.
import type { IncomingMessage } from 'node:http'
import type { FastifyReply, onRequestHookHandler } from 'fastify'
import { sendProblem, writeProblem } from './answer.ts'
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

/**
 * Admits requests that may have a body, before it is read; their handler or the error handler takes them out again.
 * @param attempt whether they count by the strict bound of an address
 */
export function admission(serving: Asking, attempt: boolean): onRequestHookHandler {
  const { inFlight, settings, limit } = serving
  return (request, reply, done) => {
    const { raw } = request
    // The rest of a refused body is thrown away as it comes, but not for ever.
    const letGo = (): void => {
      if (mayBeEndless(raw, settings.bodyBytesMax)) reply.header('connection', 'close')
    }
    if (isFull(serving)) {
      letGo()
      return refuse(serving, reply)
    }
    inFlight.arriving.add(raw)
    if (limit === undefined) return done()
    return void limit.check(request.ip, attempt).then(
      () => done(),
      (error: unknown) => {
        inFlight.arriving.delete(raw)
        letGo()
        sendProblem(serving, request, reply, error, true)
      },
    )
  }
}

function mayBeEndless({ headers }: IncomingMessage, bodyBytesMax: number): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > bodyBytesMax
}
