// Whatever is done in whatever order, the laws of the port hold.
import { numbersOf } from '../random-numbers.ts'
import type { JobStoreCase } from './given.ts'
import { jobSteps, playJobSteps } from './steps.ts'

export const historyCases: readonly JobStoreCase[] = [1, 2, 3].map((seed): JobStoreCase => ({
  group: 'histories',
  name: `through any sequence of commits, exchanges and changes no job is lost, doubled or run past a limit (${seed})`,
  run: (given) => playJobSteps(given, jobSteps(numbersOf(seed, 80))),
}))
