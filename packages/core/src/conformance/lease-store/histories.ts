// Whatever is done in whatever order, a name has the holder and the token that a table would have.
import { numbersOf } from '../random-numbers.ts'
import type { LeaseStoreCase } from './given.ts'
import { leaseSteps, playLeaseSteps } from './steps.ts'

export const historyCases: readonly LeaseStoreCase[] = [1, 2, 3].map((seed): LeaseStoreCase => ({
  group: 'histories',
  name: `any sequence of acquiring, renewing, giving up and running out is what a table would hold (${seed})`,
  run: (given) => playLeaseSteps(given, leaseSteps(numbersOf(seed, 60))),
}))
