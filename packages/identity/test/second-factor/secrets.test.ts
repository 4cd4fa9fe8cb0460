// Nothing that proves who somebody is lies anywhere in the clear: the file of the store is searched for all of it.
import assert from 'node:assert/strict'
import { readdir, readFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sqlite } from '@gesta/sqlite'
import { login } from '../../src/auth/auth-contracts.ts'
import { add, login as passkeyLogin, start, startLogin } from '../../src/passkey/passkey-contracts.ts'
import { replaceRecoveryCodes } from '../../src/second-factor/second-factor-contracts.ts'
import { create, createKey } from '../../src/service-account/service-account-contracts.ts'
import { openIdentity, password } from '../open-identity.ts'
import { createAuthenticator } from '../passkey/authenticator.ts'
import { codeOf, email, withTotp } from './with-totp.ts'

test('seeds, codes, challenges, answers and keys are nowhere in the store as they are', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gesta-identity-'))
  try {
    const secrets: string[] = [password]
    let passkey = ''
    {
      await using app = await openIdentity({ store: sqlite(join(folder, 'shop.db')) })
      const { ann, secret, recoveryCodes } = await withTotp(app)
      const replaced = await app.done(replaceRecoveryCodes({ password }), ann)
      const [code = ''] = replaced.recoveryCodes
      await app.done(login({ email, password, code }))
      await app.done(login({ email, password, code: codeOf(secret, app.now()) }))

      const device = createAuthenticator('https://shop.example')
      const { options } = await app.done(start({ password }), ann)
      const registration = device.register(options)
      ;({ passkey } = await app.done(add({ response: registration, name: 'Phone' }), ann))
      const asked = await app.done(startLogin())
      const response = device.sign(asked.options)
      await app.done(passkeyLogin({ response, challenge: asked.challenge }))

      const member = await app.newTenant('acme', 'bob@shop.example')
      const { identityUuid } = await app.done(create({ name: 'Till', groups: [] }), member)
      const { key } = await app.done(createKey({ identityUuid, name: 'front' }), member)
      await app.identity.callerOf(key)
      await app.settled()
      secrets.push(secret, ...recoveryCodes, ...replaced.recoveryCodes, key, key.split('.')[2] as string)
      secrets.push(options.challenge, asked.options.challenge, response.response.signature)
      secrets.push(registration.response.attestationObject)
    }
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile())
    assert.ok(files.length > 3, 'the log, the credentials and the views lie in files of their own')
    let isFound = false
    for (const { name, parentPath } of files) {
      const bytes = await readFile(join(parentPath, name))
      isFound ||= bytes.includes(passkey)
      for (const one of secrets) {
        const forms = [one, one.replaceAll('-', ''), Buffer.from(one).toString('base64').replace(/=+$/, '')]
        for (const form of forms) assert.ok(!bytes.includes(form), `${name} has ${form}`)
      }
    }
    assert.ok(isFound, 'what is no secret is found, so that the search is one')
  } finally {
    await rm(folder, { recursive: true })
  }
})
