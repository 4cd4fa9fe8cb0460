// Whatever is done in whatever order, the outbox holds what a list of messages would hold.
import { numbersOf } from '../random-numbers.ts'
import type { OutboxStoreCase } from './given.ts'
import { outboxSteps, playOutboxSteps } from './steps.ts'

export const historyCases: readonly OutboxStoreCase[] = [1, 2, 3].map((seed): OutboxStoreCase => ({
  group: 'histories',
  name: `any sequence of commits, settlements and repairs leaves what a list would hold (${seed})`,
  run: (given) => playOutboxSteps(given, outboxSteps(numbersOf(seed, 60))),
}))
