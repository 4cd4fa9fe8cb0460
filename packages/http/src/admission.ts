// The bound on what is done at once: over it a request is refused before its body is read.
import type { onRequestHookHandler } from 'fastify'
import { writeProblem } from './answer.ts'
import { problemOf } from './problem.ts'
import type { Serving } from './serving.ts'

/** Admits a request, or answers 503 `overloaded`. Nothing is logged then: a refusal must cost next to nothing. */
export function admission(serving: Serving): onRequestHookHandler {
  const { inFlight, settings } = serving
  const overloaded = problemOf('overloaded', 'Nothing was done. Try again.')
  return (request, reply, done) => {
    if (inFlight.size >= settings.requestsInFlightMax) return writeProblem(serving, reply, overloaded)
    // Its handler takes it out again, or the error handler when it never gets there.
    inFlight.add(request.raw)
    done()
  }
}
