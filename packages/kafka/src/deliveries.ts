// Messages as a group receives them: events, or the reason why there is none.
import { redactError } from '@gesta/core/ports'
import { envelopeOf, groupHeader, headerOf } from './messages.ts'
import type { Delivery } from './partition.ts'
import type { ReadMessage } from './records.ts'

/** Without those that are for other groups. */
export function deliveriesOf(messages: readonly ReadMessage[], group: string): readonly Delivery[] {
  return messages
    .filter(({ message }) => (headerOf(message, groupHeader) ?? group) === group)
    .map(({ offset, message }) => ({ offset, message, attempts: 0, isAlone: false, ...readingOf(message) }))
}

function readingOf(message: ReadMessage['message']): Pick<Delivery, 'event' | 'doom'> {
  try {
    return { event: envelopeOf(message) }
  } catch (error) {
    return { doom: redactError(error) }
  }
}
