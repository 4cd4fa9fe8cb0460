// Any sequence of commands, stops, restarts, pauses, builds, cancels, failures, lost answers, hand-overs and deaths ends in the views that
// a plain fold of the log gives.
import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import { deposit, Deposited } from '../account-domain.ts'
import { appendBeside } from '../interfering-store.ts'
import { openCluster } from './cluster.ts'
import type { Cluster, FlushFault, Process } from './cluster.ts'
import { folded, ledger } from './ledger-domain.ts'
import type { Failures } from './ledger-domain.ts'

const models = ['Account.All', 'Account.Each'] as const
type Told = 'start' | 'stop' | 'restart' | 'pause' | 'resume' | 'restore' | 'build' | 'cancel' | 'retry'
type Step =
  | { readonly do: 'deposit'; readonly process: number; readonly account: string; readonly times: number }
  | { readonly do: 'tell'; readonly process: number; readonly model: (typeof models)[number]; readonly what: Told }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'flood'; readonly process: number; readonly account: string; readonly commits: number }
  | { readonly do: 'freeze' | 'thaw' | 'restart' | 'die'; readonly process: number }
  | { readonly do: 'disturb'; readonly process: number; readonly fault: FlushFault; readonly times: number }
  | { readonly do: 'fail'; readonly which: keyof Failures; readonly times: number }

const process = fc.integer({ min: 0, max: 1 })
const account = fc.constantFrom('a', 'b', 'c')
const told = fc.constantFrom<Told>('start', 'stop', 'restart', 'pause', 'resume', 'restore', 'build', 'cancel', 'retry')
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('deposit'), process, account, times: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('tell'), process, model: fc.constantFrom(...models), what: told }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass'), ms: fc.constantFrom(0, 1, 3, 30, 300, 1_100, 12_000) }),
  },
  {
    weight: 1,
    // Now and then so many that several batches are far behind the end of the log.
    arbitrary: fc.record({
      do: fc.constant('flood'),
      process,
      account,
      commits: fc.oneof({ weight: 20, arbitrary: fc.constant(3) }, { weight: 1, arbitrary: fc.constant(24) }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('freeze', 'thaw', 'restart', 'die'), process }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('disturb'),
      process,
      fault: fc.constantFrom<FlushFault>('refused', 'unanswered', 'frozen', 'late'),
      times: fc.integer({ min: 1, max: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fail'),
      which: fc.constantFrom<keyof Failures>('stopping', 'parking'),
      times: fc.integer({ min: 1, max: 6 }),
    }),
  },
) as fc.Arbitrary<Step>

const flood = Array.from({ length: 600 }, (_, at) => ({ type: Deposited.type, data: { pence: 1 + (at % 7) } }))

/** What is told may wait for a process that is stopped, and is not waited for. */
function tell({ running }: Process, model: string, what: Told): void {
  const control = running.readModels.control(model)
  const work = async (): Promise<unknown> => {
    if (what === 'build') return control.restore({ fromZero: true })
    if (what !== 'retry') return control[what]()
    for (const { tenant, key } of await control.parked()) await control.retryParked({ tenant, key })
    return undefined
  }
  void work().catch(() => undefined)
}

async function run(cluster: Cluster, steps: readonly Step[]): Promise<void> {
  const failures: Failures = { stopping: 0, parking: 0 }
  const processes: Process[] = []
  const startOne = async (at: number): Promise<void> => {
    processes[at] = await cluster.start([ledger(failures)])
  }
  for (const at of [0, 1]) await startOne(at)
  const act = async (one: Step): Promise<void> => {
    if (one.do === 'pass') return cluster.clock.advance(one.ms)
    if (one.do === 'fail') return void (failures[one.which] = one.times)
    const own = processes[one.process] as Process
    switch (one.do) {
      case 'deposit':
        if (own.isFrozen) return
        for (let pence = 1; pence <= one.times; pence++)
          void own.running.dispatch(deposit({ accountId: one.account, pence })).catch(() => undefined)
        return
      case 'flood':
        // So many that a view stands far behind the end of the log, and folds a batch while another one is on its way.
        if (own.isFrozen) return
        own.faults.push(...Array.from({ length: 6 }, () => 'late' as const))
        for (let part = 1; part <= one.commits; part++)
          void appendBeside(own.log, `Account/${one.account}`, flood.slice(0, 500 + part))
        return
      case 'tell':
        return tell(own, one.model, one.what)
      case 'disturb':
        for (let times = 0; times < one.times; times++) own.faults.push(one.fault)
        return
      case 'freeze':
        return own.freeze()
      case 'thaw':
        return own.thaw()
      case 'die':
        own.freeze()
        return startOne(one.process)
      case 'restart':
        own.faults.length = 0
        await own.thaw()
        await own.stop()
        return startOne(one.process)
    }
  }
  for (const one of steps) {
    await act(one)
    await cluster.clock.advance(3)
  }
  failures.stopping = failures.parking = 0
  for (const one of processes) {
    one.faults.length = 0
    await one.thaw()
  }
  await cluster.clock.advance(100)
  for (const model of models) await processes[0]?.running.readModels.control(model).start()
  await settle(cluster, processes)
  const expected = await folded(cluster)
  for (const model of models) assert.deepEqual(await cluster.rows(model), expected[model], model)
  for (const one of processes) await one.stop()
}

/** Until every view is live and at the end of the log, and nothing is parked. */
async function settle(cluster: Cluster, processes: readonly Process[]): Promise<void> {
  const [first] = processes as [Process]
  const each = first.running.readModels.control('Account.Each')
  await cluster.until(async () => {
    const head = await cluster.backend.events.head()
    for (const name of models) {
      const plan = await cluster.views.plan(name, 1)
      if (plan.live === undefined || plan.building !== undefined) return false
      const view = await cluster.views.open({ name, modelVersion: 1, generation: plan.live.number })
      const parked = await view.parked()
      if (parked.length > 0) {
        for (const { tenant, key } of parked) await each.retryParked({ tenant, key })
        return false
      }
      if (((await view.checkpoint())?.position ?? 0) < head) return false
    }
    return true
  }, 200)
}

test('any sequence of what can happen to read models ends in what a plain fold of the log gives', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }), async (steps) =>
      run(await openCluster(), steps),
    ),
    {
      seed: Number(globalThis.process.env['SEED'] ?? 20_261_121),
      numRuns: Number(globalThis.process.env['RUNS'] ?? 50),
    },
  )
})
