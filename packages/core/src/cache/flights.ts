// Loads that are going on: one per key, for all who ask meanwhile. Who asks after a write does not wait for a load that began before it.
import type { Dependent } from './dependencies.ts'
import { isCurrent } from './dependencies.ts'

interface Flight extends Dependent {
  /** What was stored up to here it must see; its callers may ask for more than this process has heard of. */
  readonly sees: number
  readonly value: Promise<unknown>
}
export interface Flights {
  /** The load that may be waited for. */
  get(id: string): Flight | undefined
  /** Takes the place of one that is no longer current. */
  add(id: string, flight: Flight): void
  readonly size: number
}

export function createFlights(): Flights {
  const flights = new Map<string, Flight>()
  return {
    get: (id) => {
      const flight = flights.get(id)
      return flight !== undefined && isCurrent(flight) ? flight : undefined
    },
    add: (id, flight) => {
      flights.set(id, flight)
      const leave = (): void => {
        if (flights.get(id) === flight) flights.delete(id)
      }
      flight.value.then(leave, leave)
    },
    get size() {
      return flights.size
    },
  }
}
