import { memory } from '@gesta/core'
import { compare } from '/work/main/benchmarks/src/measure.ts'
import { memoryLoop } from '/work/main/benchmarks/src/limits/memory-loop.ts'
import { accountsSubject } from '/work/main/benchmarks/src/suites/accounts-subject.ts'
for (const [c, rm] of [[1,false],[64,false],[1,true],[64,true]] as const)
  console.log(c, rm, await compare(() => accountsSubject(memory(), c, rm), () => memoryLoop(c, rm), { rounds: 7, seconds: 0.5 }))
