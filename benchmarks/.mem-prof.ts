import { memory } from '@gesta/core'
import { accountsSubject } from './src/suites/accounts-subject.ts'
const rm = process.argv[2] === 'rm'
const n = Number(process.argv[3] ?? 50000), rounds = Number(process.argv[4] ?? 20)
let best = 0
for (let r = 0; r < rounds; r++) {
  await using s = await accountsSubject(memory(), 1, rm)
  const t = performance.now()
  await s.run(0, n)
  best = Math.max(best, n / (performance.now() - t) * 1000)
}
console.log(Math.round(best), 'per s best')
