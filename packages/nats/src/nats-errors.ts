// What NATS and the network say, as the codes that publishers and receivers know.
import { JetStreamApiError } from '@nats-io/jetstream'
import { GestaError } from '@gesta/core/ports'

export function brokerClosed(): GestaError {
  return new GestaError(
    'broker_closed',
    'Expected the bus to be open, but it was closed. Close it after everything that publishes and receives.',
  )
}

/** `what` completes the sentence "Expected NATS at ... to answer, but". */
export function unavailable(address: string, what: string, cause?: unknown): GestaError {
  return new GestaError('broker_unavailable', `Expected NATS at ${address} to answer, but ${what}`, {
    cause,
    facts: { address },
  })
}

export function noConnection(address: string): GestaError {
  return unavailable(address, 'there is no connection now. It is made again by itself; publish again later.')
}

/** The error of a call to JetStream, as a caller sees it; errors of gesta stay what they are. */
export function natsError(error: unknown, address: string): unknown {
  if (error instanceof GestaError || !(error instanceof Error)) return error
  if (error instanceof JetStreamApiError)
    return unavailable(address, `JetStream refused: ${error.message}. Look at its log.`, error)
  if (/no responders|not enabled/i.test(`${error.name} ${error.message}`))
    return unavailable(
      address,
      'JetStream is not there. Start nats-server with -js, or wait until it has a leader.',
      error,
    )
  return unavailable(address, 'there was no answer. It is tried again with the next call; look at the cause.', error)
}

/** Codes of JetStream's errors. https://github.com/nats-io/nats-server/blob/main/server/errors.json */
export const streamNotFound = 10_059
export const consumerNotFound = 10_014
export const nameInUse: readonly number[] = [10_058, 10_013, 10_148]
export const messageNotFound = 10_037
/** Also when a server (2.9) removes the folder of its last stream while it makes the next one: then it succeeds when it is tried again. */
export const notMade = 10_049

/** The code of what JetStream refused, if that is what went wrong. */
export function apiCode(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined
}
