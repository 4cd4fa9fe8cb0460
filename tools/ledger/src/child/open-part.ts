// Opens what a process plays.
import type { FromParty, Opening } from '../protocol.ts'
import type { BusDescription } from './bus.ts'
import { openConsumer } from './consumer.ts'
import type { Part } from './part.ts'
import { openPublisher } from './publisher.ts'

export function openPart(opening: Opening, bus: BusDescription, tell: (line: FromParty) => void): Promise<Part> {
  const { part } = opening
  return part === 'publisher' ? openPublisher(opening, bus, tell) : openConsumer(opening, part.group, bus, tell)
}
