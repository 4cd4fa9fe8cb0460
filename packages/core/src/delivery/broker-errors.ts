// What brokers in memory refuse.
import { GestaError } from '../errors/gesta-error.ts'

export function brokerClosed(): GestaError {
  return new GestaError(
    'broker_closed',
    'Expected the broker to be open, but it was closed. Close it after everything that publishes.',
  )
}

export function queueFull(what: string, eventsMax: number): GestaError {
  return new GestaError(
    'broker_unavailable',
    `${what} holds ${eventsMax} events at most, and this batch would be more. Receive and acknowledge some, and publish again.`,
    { facts: { eventsMax } },
  )
}
