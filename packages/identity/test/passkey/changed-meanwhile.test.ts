// A sign-in that is decided again, because its account changed meanwhile, still counts what it was given: the answer is not lost.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { add, login, remove, start, startLogin } from '../../src/passkey/passkey-contracts.ts'
import { openIdentity } from '../open-identity.ts'
import { createAuthenticator } from './authenticator.ts'

const url = 'https://shop.example'

test('a passkey signs in while others are removed', async () => {
  await using app = await openIdentity()
  const ann = await app.signUp('ann@shop.example')
  const addOne = async () => {
    const device = createAuthenticator(url)
    const { options } = await app.done(start({}), ann)
    return { device, ...(await app.done(add({ response: device.register(options), name: 'Phone' }), ann)) }
  }
  const { device } = await addOne()
  const others: string[] = []
  for (let at = 0; at < 18; at += 1) others.push((await addOne()).passkey)
  const { options, challenge } = await app.done(startLogin())
  const signIn = app.dispatch(login({ response: device.sign(options), challenge }))
  let isOver = false
  void signIn.finally(() => void (isOver = true))
  let changes = 0
  for (const passkey of others) {
    if (isOver) break
    await app.done(remove({ passkey }), ann)
    changes += 1
  }
  const told = await signIn
  assert.ok(told.ok, JSON.stringify(told))
  assert.ok(changes > 0)
})
