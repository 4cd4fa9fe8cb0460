// A sign-in that is decided again, because its account changed meanwhile, is one attempt all the same: nobody waits for what others did.
import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { memory } from '@gesta/core'
import type { Backend } from '@gesta/core'
import { requestPasswordReset } from '../../src/account/account-contracts.ts'
import { login } from '../../src/auth/auth-contracts.ts'
import { add, login as signInByPasskey, start, startLogin } from '../../src/passkey/passkey-contracts.ts'
import { openIdentity, password } from '../open-identity.ts'
import { createAuthenticator } from '../passkey/authenticator.ts'

const email = 'ann@shop.example'
const from = { metadata: { address: '192.0.2.1' } }
/** One address may try so often at one account before it waits. */
const free = 5

/** A store in which something else comes first, once, when a command of a type is to be stored. */
function losingARace(): Backend & { lose(type: string, to: () => Promise<unknown>): void; lost(): number } {
  const store = memory()
  let count = 0
  let race: { readonly type: string; readonly to: () => Promise<unknown> } | undefined
  return {
    ...store,
    lose: (type, to) => {
      race = { type, to }
    },
    lost: () => count,
    open: async (runtime) => {
      const opened = await store.open(runtime)
      const commit = opened.events.commit.bind(opened.events)
      mock.method(opened.events, 'commit', async (...given: Parameters<typeof commit>) => {
        const lost = race?.type === given[0].header.commandType ? race.to : undefined
        if (lost !== undefined) {
          race = undefined
          count++
          await lost()
        }
        return commit(...given)
      })
      return opened
    },
  }
}

test('a wrong password counts once', async () => {
  const store = losingARace()
  await using app = await openIdentity({ store })
  await app.signUp(email)
  store.lose('Auth.Login', () => app.done(requestPasswordReset({ email })))
  for (let at = 1; at < free; at++)
    assert.equal((await app.app.dispatch(login({ email, password: 'not the password' }), from)).ok, false)
  assert.equal(store.lost(), 1)
  assert.ok((await app.app.dispatch(login({ email, password }), from)).ok)
})

test('what no passkey has signed counts once', async () => {
  const store = losingARace()
  await using app = await openIdentity({ store })
  const ann = await app.signUp(email)
  const device = createAuthenticator('https://shop.example')
  const { options } = await app.done(start({}), ann)
  await app.done(add({ response: device.register(options), name: 'Phone' }), ann)
  const signIn = async (isRight: boolean): Promise<boolean> => {
    const asked = await app.done(startLogin())
    const signed = isRight ? asked : await app.done(startLogin())
    const response = device.sign(signed.options)
    return (await app.app.dispatch(signInByPasskey({ response, challenge: asked.challenge }), from)).ok
  }
  store.lose('Passkey.Login', () => app.done(requestPasswordReset({ email })))
  for (let at = 1; at < free; at++) assert.equal(await signIn(false), false)
  assert.equal(store.lost(), 1)
  assert.ok(await signIn(true))
})
