// What a process does that is ended at one step after the other: it writes the file anew, adds to it, and gives up.
import type { OutboxStep } from './outbox-states.ts'

export const planAttemptsMax = 2
export const plan: readonly OutboxStep[] = [
  { do: 'store', count: 2, bytes: 10 },
  // The file is written anew, marked.
  { do: 'refuse' },
  // The first one is given up, the second one is done.
  { do: 'refuse' },
  { do: 'ack' },
  { do: 'store', count: 3, bytes: 50_000 },
  { do: 'refuse' },
  // A line is added.
  { do: 'ack' },
]
