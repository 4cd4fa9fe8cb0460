// Codes count once, whatever is tried in whatever order, in how many processes there are.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { systemTenant } from '@gesta/core'
import type { Credentials } from '@gesta/core'
import fc from 'fast-check'
import { newRecoveryCodes, recoveryKey, takeRecoveryCode } from '../../src/second-factor/recovery-codes.ts'
import { newSecret, seedKey, takeStep } from '../../src/second-factor/totp.ts'
import { openIdentity } from '../open-identity.ts'
import { places } from '../two-processes.ts'
import { codeOf } from './with-totp.ts'

const start = Date.UTC(2026, 0, 1)
const stepMs = 30_000

/** Codes of some step, that come together at some time; the clock goes on or back. */
const rounds = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 8 }),
    codes: fc.array(fc.record({ step: fc.integer({ min: -2, max: 10 }), process: fc.nat(1) }), {
      minLength: 1,
      maxLength: 5,
    }),
  }),
  { minLength: 1, maxLength: 5 },
)

for (const { name, options, numRuns, run } of places) {
  test(`no time step is used twice, and none after a later one: ${name}`, options, () =>
    run(async (processes) => {
      await fc.assert(
        fc.asyncProperty(rounds, async (drawn) => {
          const [id, secret] = [randomUUID(), newSecret()]
          const value = { secret, step: -1, use: '' }
          await processes[0].put(seedKey(id), { subject: 'ann', value }, 0)
          let last = Number.NEGATIVE_INFINITY
          for (const { at, codes } of drawn) {
            const nowMs = start + at * stepMs
            const taken = await Promise.all(
              codes.map(async ({ step, process }) => {
                const credentials = processes[process] as Credentials
                const code = codeOf(secret, start + step * stepMs)
                return (await takeStep({ credentials, nowMs }, id, code, randomUUID())) ? step : undefined
              }),
            )
            const steps = taken.filter((step) => step !== undefined)
            assert.equal(new Set(steps).size, steps.length, 'a step was used twice')
            for (const step of steps)
              assert.ok(step > last && Math.abs(step - at) <= 1, `${step} after ${last} at ${at}`)
            const best = Math.max(...codes.map(({ step }) => step).filter((step) => Math.abs(step - at) <= 1))
            if (best > last) assert.ok(steps.includes(best), `nobody was told yes for ${best}`)
            last = Math.max(last, ...steps)
          }
        }),
        { numRuns },
      )
    }),
  )

  test(`each recovery code is used once: ${name}`, options, () =>
    run(async (processes) => {
      const uses = fc.array(fc.record({ code: fc.nat(9), process: fc.nat(1) }), { minLength: 2, maxLength: 24 })
      await fc.assert(
        fc.asyncProperty(uses, async (drawn) => {
          const id = randomUUID()
          const { codes, kept } = newRecoveryCodes()
          await processes[0].put(recoveryKey(id), { subject: 'ann', value: kept }, 0)
          const taken = await Promise.all(
            drawn.map(async ({ code, process }) =>
              (await takeRecoveryCode(processes[process] as Credentials, id, codes[code] as string, randomUUID()))
                ? code
                : undefined,
            ),
          )
          const told = taken.filter((code) => code !== undefined).toSorted((a, b) => a - b)
          assert.deepEqual(
            told,
            [...new Set(drawn.map(({ code }) => code))].toSorted((a, b) => a - b),
          )
        }),
        { numRuns },
      )
    }),
  )
}

test('the same use finds its own code right when its handler runs again, and no other does', async () => {
  await using app = await openIdentity()
  const { credentials } = app.app.stores
  const secret = newSecret()
  await credentials.put(seedKey('s'), { subject: 'ann', value: { secret, step: -1, use: '' } }, 0)
  const code = codeOf(secret, start)
  const take = (use: string): Promise<boolean> => takeStep({ credentials, nowMs: start }, 's', code, use)
  assert.deepEqual([await take('one'), await take('one'), await take('other')], [true, true, false])

  const { codes, kept } = newRecoveryCodes()
  await credentials.put(recoveryKey('r'), { subject: 'ann', value: kept }, 0)
  const recover = (use: string): Promise<boolean> => takeRecoveryCode(credentials, 'r', codes[3] as string, use)
  assert.deepEqual([await recover('one'), await recover('one'), await recover('other')], [true, true, false])
})

test('recovery codes are kept as hashes alone', async () => {
  const { codes, kept } = newRecoveryCodes()
  const text = JSON.stringify(kept)
  for (const code of codes) assert.ok(!text.includes(code) && !text.includes(code.replaceAll('-', '')))
  assert.equal(kept.left.length, 10)
  assert.equal(recoveryKey('r').tenant, systemTenant)
})
