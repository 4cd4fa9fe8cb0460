// Two processes on one store: one address becomes one account, and one code is used once.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Token } from '@gesta/core'
import { sharedStore, skip } from '../stores.ts'
import { accounts, administrator, codeIn, openAccounts, passwords } from './open-accounts.ts'
import { rejected } from './rejected.ts'

const [first, second, third] = passwords
const email = 'ann@example.com'

it('an address that two processes register at once has one account, and one of the passwords', { skip }, async () => {
  await using pair = await twoProcesses()
  const [one, other] = pair.apps
  const registered = await Promise.all(
    [one, other, one, other].map((app, at) => app.register(email, at < 2 ? first : second)),
  )
  assert.ok(registered.every(({ ok }) => ok))
  one.pass(3_600_000)
  const { token } = await one.running.dispatch(accounts.requestVerification({ email }))
  const code = await pair.codeOf('verification', token)
  const verified = await Promise.all(
    [first, second, first, second].map((password, at) => (at < 2 ? one : other).verify(code, password)),
  )
  assert.equal(verified.filter(({ ok }) => ok).length, 1)
})

it('a code that two processes are given at once resets one password', { skip }, async () => {
  await using pair = await twoProcesses()
  const [one, other] = pair.apps
  await one.register(email, first)
  const { token } = await one.running.dispatch(accounts.requestPasswordReset({ email }))
  const code = await pair.codeOf('reset', token)
  const outcomes = await Promise.all([
    one.running.dispatch(accounts.resetPassword({ code, password: second })),
    other.running.dispatch(accounts.resetPassword({ code, password: third })),
  ])
  assert.deepEqual(
    outcomes.map(rejected).filter((said) => said !== undefined),
    ['invalid_code'],
  )
})

async function twoProcesses() {
  const storeOf = await sharedStore()
  const apps = [await openAccounts({ store: storeOf() }), await openAccounts({ store: storeOf() })] as const
  return {
    apps,
    /** The code that counts, when whichever process owns the mails has sent it. There is one account. */
    codeOf: async (kind: 'verification' | 'reset', after: Token): Promise<string> => {
      const options = { context: administrator, after }
      const { items, total } = await apps[0].running.query(accounts.list({}), options)
      assert.equal(total, 1)
      const { accountUuid = '' } = items[0] ?? {}
      const id = (await apps[0].running.query(accounts.addressee({ accountUuid }), options))?.[kind]
      const limit = AbortSignal.timeout(20_000)
      for (;;) {
        const mail = apps.flatMap((app) => app.mailsTo(email)).find(({ text }) => text.includes(`.${id}.`))
        if (mail !== undefined) return codeIn(mail)
        limit.throwIfAborted()
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const app of apps) await app[Symbol.asyncDispose]()
    },
  }
}
