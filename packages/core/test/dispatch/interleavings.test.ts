import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { deposit, transfer, withdraw, writingDomain } from '../account-domain.ts'
import { appendBeside, wholeLog } from '../interfering-store.ts'
import { settled } from '../fake-clock.ts'
import { startApp } from '../started-app.ts'

const accountId = fc.constantFrom('a', 'b', 'c')
const pence = fc.integer({ min: 1, max: 9 })
type Action =
  | { readonly kind: 'deposit' | 'withdraw' | 'beside'; readonly accountId: string; readonly pence: number }
  | { readonly kind: 'transfer'; readonly accountId: string; readonly to: string; readonly pence: number }
  | { readonly kind: 'pause' }
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constantFrom('deposit' as const, 'withdraw' as const, 'beside' as const), accountId, pence }),
  fc.record({ kind: fc.constant('transfer' as const), accountId, to: accountId, pence }),
  fc.record({ kind: fc.constant('pause' as const) }),
)

describe('commands of several aggregates, with another process that writes beside them', () => {
  test('end as they would one after the other, in the order of the log', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { maxLength: 40 }),
        fc.constantFrom(0, 1, 100),
        async (actions, cachedAggregatesMax) => {
          let held = 0
          await using app = await startApp(writingDomain, {
            cachedAggregatesMax,
            interfere: async (_, next) => {
              // Some commits take longer than others, so that they overtake each other.
              if (held++ % 3 === 0) await settled()
              return next()
            },
          })
          const { running } = app
          const outcomes = new Map<
            string,
            { readonly ok: boolean; readonly result?: unknown; readonly rejection?: unknown }
          >()
          const work: Promise<unknown>[] = []
          for (const [index, one] of actions.entries()) {
            const options = { commandId: `c-${index}` }
            const keep = (dispatched: Promise<{ readonly ok: boolean }>): void =>
              void work.push(dispatched.then((outcome) => outcomes.set(options.commandId, outcome)))
            if (one.kind === 'pause') await settled()
            else if (one.kind === 'beside')
              work.push(
                appendBeside(app.store, `Account/${one.accountId}`, [
                  { type: 'Account.Deposited', data: { pence: one.pence } },
                ]),
              )
            else if (one.kind === 'deposit') keep(running.dispatch(deposit(one), options))
            else if (one.kind === 'withdraw') keep(running.dispatch(withdraw(one), options))
            else if ('to' in one && one.accountId !== one.to)
              keep(running.dispatch(transfer({ from: one.accountId, to: one.to, pence: one.pence }), options))
          }
          const results = await app.clock.finish(Promise.allSettled(work))
          for (const result of results)
            if (result.status === 'rejected') assert.equal((result.reason as { code: string }).code, 'conflict')

          // The model: balances, moved by the log in its order; each command's answer must fit the moment of its commit.
          const headers = (await Promise.all([...outcomes.keys()].map((id) => app.store.header('', id)))).flatMap(
            (header) => header ?? [],
          )
          const log = await wholeLog(app.store)
          const balances = new Map<string, number>()
          const versions = new Map<string, number>()
          const balance = (id: string): number => balances.get(id) ?? 0
          const decided = new Map(headers.map((header) => [header.commitNo, header]))
          const last = Math.max(0, ...headers.map(({ commitNo }) => commitNo), ...log.map(({ commitNo }) => commitNo))
          for (let commitNo = 1; commitNo <= last; commitNo++) {
            const header = decided.get(commitNo)
            const one = header === undefined ? undefined : actions[Number(header.commandId.slice(2))]
            const outcome = outcomes.get(header?.commandId ?? '')
            if (one?.kind === 'withdraw' || one?.kind === 'transfer')
              assert.equal(outcome?.ok, balance(one.accountId) >= one.pence)
            for (const event of log.filter((stored) => stored.commitNo === commitNo)) {
              const version = (versions.get(event.aggregateId) ?? 0) + 1
              assert.equal(event.version, version)
              versions.set(event.aggregateId, version)
              const moved = (JSON.parse(event.data) as { pence: number }).pence
              balances.set(
                event.aggregateId,
                balance(event.aggregateId) + (event.type === 'Account.Withdrawn' ? -moved : moved),
              )
            }
            if (one?.kind === 'deposit' || (one?.kind === 'withdraw' && outcome?.ok === true))
              assert.deepEqual(outcome?.result, { balance: balance(one.accountId) })
          }
          for (const left of balances.values()) assert.ok(left >= 0)
        },
      ),
      { numRuns: 60 },
    )
  })
})
