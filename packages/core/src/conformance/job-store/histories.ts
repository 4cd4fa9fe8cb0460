// Whatever is done in whatever order, the laws of the port hold.
import { numbersOf } from '../random-numbers.ts'
import type { JobStoreCase } from './given.ts'
import { jobSteps, playJobSteps } from './steps.ts'

const group = 'histories'
const name = 'through any sequence of commits, exchanges and changes no job is lost, doubled or run past a limit'
export const historyCases: readonly JobStoreCase[] = [
  ...[1, 2, 3].map((seed): JobStoreCase => ({
    group,
    name: `${name} (${seed})`,
    run: (given) => playJobSteps(given, jobSteps(numbersOf(seed, 80))),
  })),
  ...[4, 5, 6].map((seed): JobStoreCase => ({
    group,
    name: `${name}, with a process for each worker (${seed})`,
    needs: 'shared',
    run: async (given) => {
      const others = [await given.another(), await given.another()]
      await playJobSteps(given, jobSteps(numbersOf(seed, 80)), undefined, others)
    },
  })),
]
