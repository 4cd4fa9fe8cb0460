import { memory } from '@gesta/core'
import { Session } from 'node:inspector/promises'
import { accountsSubject } from './src/suites/accounts-subject.ts'
import { memoryLoop } from './src/limits/memory-loop.ts'
const which = process.argv[2]
const make = () => which === 'limit' ? memoryLoop(1, false) : accountsSubject(memory(), 1, which === 'rm')
{ await using s = await make(); await s.run(0, 50000) }
const s = await make(); await s.run(0, 2000)
const session = new Session(); session.connect()
await session.post('HeapProfiler.startSampling', { samplingInterval: 4096, includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true })
const n = 20000
await s.run(2000, n)
const { profile } = await session.post('HeapProfiler.stopSampling') as any
const by = new Map<string, number>(); let total = 0
const walk = (node: any) => { const k = `${node.callFrame.functionName || '(anon)'} ${node.callFrame.url.split('/').slice(-2).join('/')}:${node.callFrame.lineNumber + 1}`; by.set(k, (by.get(k) ?? 0) + node.selfSize); total += node.selfSize; node.children.forEach(walk) }
walk(profile.head)
console.log('bytes per command', Math.round(total / n))
for (const [k, v] of [...by].sort((a, b) => b[1] - a[1]).slice(0, 40)) console.log(String(Math.round(v / n)).padStart(6), k)
