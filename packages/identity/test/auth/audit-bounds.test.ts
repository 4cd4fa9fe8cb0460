// What strangers can make the app write: attempts that are throttled leave no more than the log keeps of strangers in a second.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createApp, hostOf, isGestaError, memory, systemContext, systemTenant } from '@gesta/core'
import { login } from '../../src/auth/auth-contracts.ts'
import { createIdentity } from '../../src/index.ts'
import { encryption } from '../open-identity.ts'

test('sign-ins that are throttled leave neither entry nor record beyond what is kept of strangers', async () => {
  const identity = createIdentity({ url: 'https://shop.example', mailer: { send: async () => undefined } })
  await using app = await createApp('shop', { domains: [...identity.domains] }).start({
    store: memory(),
    encryption,
    directory: identity.directory,
    audit: { anonymousPerSecond: 0 },
    commandLog: { anonymousPerSecond: 0 },
  })
  await using _ = await identity.open(app)
  const tried = async (): Promise<string> => {
    try {
      return (await app.dispatch(login({ email: 'ann@shop.example', password: 'not the password' }))).ok ? 'in' : 'no'
    } catch (error) {
      return isGestaError(error) ? error.code : 'failed'
    }
  }
  const answers: string[] = []
  for (let at = 0; at < 60; at++) answers.push(await tried())
  assert.equal(answers.filter((one) => one === 'rate_limited').length, 45)
  const asApp = systemContext(systemTenant)
  const { items } = await app.audit.list(asApp, { action: 'Auth.Login' }, { limit: 100 })
  assert.deepEqual(
    items.map(({ outcome }) => outcome),
    Array(15).fill('rejected'),
  )
  const recorded = await hostOf(app).commandLog.list({ commandType: 'Auth.Login' }, { limit: 100 })
  assert.equal(recorded.items.length, 15)
})
