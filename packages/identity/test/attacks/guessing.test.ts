// Guessing passwords over HTTP: from one address at many accounts, from many addresses at one account. The owner is not kept out by it.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import type { Answer } from '../fuzz/answers.ts'
import { password, startTwoTenants } from '../fuzz/two-tenants.ts'
import type { Session, TwoTenants } from '../fuzz/two-tenants.ts'

let world: TwoTenants
beforeEach(async () => void (world = await startTwoTenants()))
afterEach(() => world[Symbol.asyncDispose]())

const email = 'all@people.example'
const guess = (from: string, to: string, more: object = {}): Promise<Answer> =>
  world.asking.ask({
    method: 'POST',
    target: '/api/v1/auth/login',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
    body: JSON.stringify({ email: to, password: 'not the one that is right', ...more }),
  })
const triesMax = 60

/** How many guesses were answered before the first that was refused; fails when none is. */
async function untilRefused(ask: (number: number) => Promise<Answer>): Promise<Answer> {
  for (let number = 0; number < triesMax; number++) {
    const answer = await ask(number)
    if (answer.status === 429) return answer
    assert.equal(answer.status, 401, answer.text)
  }
  return assert.fail(`none of ${triesMax} guesses was refused`)
}

describe('guessing a password', () => {
  test('of one account from many addresses is refused after some, and says for how long', async () => {
    const { headers, text } = await untilRefused((number) => guess(`198.51.100.${number}`, email))
    assert.match(String(headers['retry-after']), /^[1-9]\d*$/)
    assert.equal((JSON.parse(text) as { readonly code: string }).code, 'rate_limited')
  })

  test('of many accounts from one address is refused after some, those without an account included', async () => {
    await untilRefused((number) => guess('198.51.100.1', `person${number}@people.example`))
  })

  test('does not keep out who signed in with this device before', async () => {
    const { device } = (await world.signIn(email)) as Session & { readonly device?: string }
    assert.ok(device !== undefined)
    await untilRefused((number) => guess(`198.51.100.${number}`, email))
    assert.equal((await guess('203.0.113.9', email, { password })).status, 429)
    const owner = await guess('203.0.113.9', email, { password, device })
    assert.equal(owner.status, 200, owner.text)
  })

  test('is not made easier by a forged chain of addresses: the nearest one that was not ours counts', async () => {
    await untilRefused((number) => guess(`10.0.0.${number}, 198.51.100.7`, `person${number}@people.example`))
  })

  test('is refused alike whether the account exists', async () => {
    const refused = await Promise.all(
      [email, 'nobody@people.example'].map((to) => untilRefused((number) => guess(`198.51.100.${number}`, to))),
    )
    const [there, absent] = refused.map(({ status, headers, text }) => ({
      status,
      retryAfter: headers['retry-after'],
      ...(JSON.parse(text) as object),
      requestId: '',
    }))
    assert.deepEqual(there, absent)
  })
})
