// After everybody has done everything once, no secret of anybody lies anywhere in the files of the store, in a log or in an answer that is
// not the one it was told in; and neither does an address of mail.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sqlite } from '@gesta/sqlite'
import { bearer, markers, password, startTwoTenants } from '../fuzz/two-tenants.ts'
import type { Session, TwoTenants } from '../fuzz/two-tenants.ts'

const folder = mkdtempSync(join(tmpdir(), 'gesta-secrets-'))
after(() => rmSync(folder, { recursive: true }))

const email = 'all@people.example'
const newPassword = 'eleven silent geese march'
const secrets = new Map<string, string>([
  ['the password', password],
  ['a password that was refused', 'not the one that is right'],
  ['the new password', newPassword],
])
let told: readonly string[]
let world: TwoTenants

before(async () => {
  world = await startTwoTenants(sqlite(join(folder, 'store.db')))
  for (const { name, token } of world.callers) if (token !== undefined) secrets.set(`the token of ${name}`, token)
  for (const session of Object.values(world.people)) {
    secrets.set(`an access token of ${session.account}`, session.accessToken)
    secrets.set(`a refresh token of ${session.account}`, session.refreshToken)
  }
  await everything()
  for (const { text } of world.mails) {
    const [, code] = /#(\S+)/.exec(text) ?? []
    if (code !== undefined) secrets.set(`a code ${code.slice(0, 6)}`, code)
  }
  told = world.logged.map((line) => JSON.stringify(line))
  await world[Symbol.asyncDispose]()
})

/** Right and wrong, each once. */
async function everything(): Promise<void> {
  const post = (target: string, body: unknown, token?: string): ReturnType<TwoTenants['asking']['ask']> =>
    world.asking.ask({
      method: 'POST',
      target,
      headers: { 'content-type': 'application/json', ...bearer(token) },
      body: JSON.stringify(body),
    })
  await post('/api/v1/auth/login', { email, password: 'not the one that is right' })
  const signedIn = (await world.signIn(email)) as Session & { readonly device?: string }
  secrets.set('a device', signedIn.device ?? '')
  secrets.set('the first refresh token', signedIn.refreshToken)
  const { refreshToken } = signedIn
  const next = await world.tell<Session>('POST', '/api/v1/auth/refresh', { refreshToken })
  secrets.set('the next access token', next.accessToken)
  secrets.set('the next refresh token', next.refreshToken)
  const totp = await world.tell<{ readonly secret: string }>(
    'POST',
    '/api/accounts/me/totp',
    { password },
    next.accessToken,
  )
  secrets.set('the seed of an authenticator', totp.secret)
  await post('/api/accounts/me/totp/confirmation', { code: '000000' }, next.accessToken)
  await post('/api/accounts/password-reset/request', { email })
  const code = await world.mailedCode(email)
  await post('/api/accounts/password-reset', { code, password: newPassword })
  await post('/api/accounts/password-reset', { code, password: newPassword })
  await post('/api/v1/auth/refresh', { refreshToken })
  await post(`/api/v1/auth/login?password=${encodeURIComponent(password)}`, { email, password })
  await world.running.caughtUp()
}

describe('no secret', () => {
  test('is in a file of the store, as it is or encoded', () => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
    assert.ok(files.length > 1 && secrets.size > 20)
    const bytes = files.map((file) => readFileSync(join(file.parentPath, file.name)))
    for (const [name, secret] of secrets)
      for (const form of [secret, Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex')])
        assert.ok(!bytes.some((one) => one.includes(form.replace(/=+$/, ''))), `${name} is in a file`)
    // Of a token neither the part that nobody else knows.
    for (const [name, secret] of secrets) {
      const part = secret.split('.').at(-1) ?? ''
      if (part.length > 20) assert.ok(!bytes.some((one) => one.includes(part)), `a part of ${name} is in a file`)
    }
    const sought = Buffer.from('Note.Written')
    assert.ok(
      bytes.some((one) => one.includes(sought)),
      'what is no secret is found',
    )
  })

  test('is in the log of the server', () => {
    for (const [name, secret] of secrets)
      assert.ok(!told.some((line) => line.includes(secret)), `${name} is in the log`)
  })

  test('is in a URL: mails carry codes behind the sign that browsers keep to themselves', () => {
    for (const { text } of world.mails)
      for (const [url] of text.matchAll(/https?:\S+/g)) assert.doesNotMatch(url, /[?&].*[\w-]{20,}|\/[\w-]{30,}/, text)
  })

  test('nor an address of mail is in the log, its indexes or the credentials: views alone show it, and forget it with the person', () => {
    const files = readdirSync(folder).filter(
      (name) => name.startsWith('store.db') && statSync(join(folder, name)).isFile(),
    )
    assert.ok(files.length > 1)
    for (const address of [email, 'alone@people.example', `${markers.b}@guests.example`, 'root@app.example'])
      for (const name of files)
        assert.ok(!readFileSync(join(folder, name)).includes(address), `${address} is in ${name}`)
  })
})
