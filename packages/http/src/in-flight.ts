// Counts what a server is doing now.
import type { IncomingMessage } from 'node:http'

/** What is being done: a request for a command or query is in one of the two, from its headers to its outcome. */
export interface InFlight {
  /** Requests whose body is on its way. */
  readonly arriving: Set<IncomingMessage>
  /** How many have their handler at work. A command counts until its verdict, also when its caller hung up. */
  running: number
}

export function nothingInFlight(): InFlight {
  return { arriving: new Set(), running: 0 }
}
