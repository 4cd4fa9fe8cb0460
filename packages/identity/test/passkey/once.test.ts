// A count of a passkey and a challenge are each used once, in how many processes there are.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { Credentials } from '@gesta/core'
import fc from 'fast-check'
import { loginKey, newChallenge, takeChallenge } from '../../src/passkey/challenges.ts'
import { advanceCounter, passkeyKey, passkeyOf, writePasskey } from '../../src/passkey/stored-passkey.ts'
import { settingsOf } from '../../src/options.ts'
import { places } from '../two-processes.ts'

const signIns = fc.array(fc.record({ counter: fc.integer({ min: 0, max: 6 }), process: fc.nat(1) }), {
  minLength: 1,
  maxLength: 6,
})
const settings = settingsOf({ url: 'https://shop.example' })

for (const { name, options, numRuns, run } of places) {
  test(`a count goes on, and each is told yes once: ${name}`, options, () =>
    run(async (processes) => {
      await fc.assert(
        fc.asyncProperty(fc.array(signIns, { minLength: 1, maxLength: 4 }), async (rounds) => {
          const id = randomUUID()
          const made = { publicKey: 'x', counter: 0, transports: [] }
          assert.ok(await writePasskey(processes[0], id, 'ann', made, Date.now()))
          let last = 0
          for (const round of rounds) {
            const told = await Promise.all(
              round.map(async ({ counter, process }) =>
                (await advanceCounter(processes[process] as Credentials, id, counter, randomUUID())) ? counter : -1,
              ),
            )
            const counted = told.filter((counter) => counter > 0)
            assert.equal(new Set(counted).size, counted.length, 'a count was told yes twice')
            for (const counter of counted) assert.ok(counter > last, `${counter} after ${last}`)
            const most = Math.max(...round.map(({ counter }) => counter))
            if (most > last) assert.ok(counted.includes(most), `nobody was told yes for ${most}`)
            last = Math.max(last, ...counted)
            const row = await processes[1].get(passkeyKey(id))
            assert.equal(row && passkeyOf(row).counter, last)
          }
        }),
        { numRuns },
      )
    }),
  )

  test(`a challenge is taken once, and again by the same use alone: ${name}`, options, () =>
    run(async (processes) => {
      const key = loginKey(randomUUID())
      const [one, other] = processes.map((credentials) => ({ credentials, settings }))
      assert.ok(one && other)
      const challenge = await newChallenge(one, key, undefined)
      const uses = Array.from({ length: 8 }, (_, at) => `use ${at}`)
      const taken = await Promise.all(uses.map((use, at) => takeChallenge(at % 2 === 0 ? one : other, key, use)))
      const at = taken.findIndex((found) => found !== undefined)
      assert.equal(taken.filter((found) => found !== undefined).length, 1)
      assert.equal((await takeChallenge(other, key, uses[at] as string))?.challenge, challenge)
    }),
  )
}
