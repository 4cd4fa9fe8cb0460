// Access tokens: what is believed, and what is not.
import assert from 'node:assert/strict'
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { describe, it } from 'node:test'
import { createLocalJWKSet, jwtVerify } from 'jose'
import type { JSONWebKeySet } from 'jose'
import { createAccessTokens } from '../../src/auth/access-tokens.ts'
import { openCredentials, settableClock } from './secrets-of-tests.ts'

const url = 'https://shop.example'
const subject = { account: 'a-1', session: 's-1', tenant: 'acme', identity: 'i-1' }
const { account, session, tenant, identity } = subject

async function open() {
  const opened = await openCredentials()
  const clock = settableClock()
  const settings = { url, accessTokenSeconds: 900, now: clock.now }
  const tokens = await createAccessTokens({ credentials: opened.credentials, settings })
  const [row] = (await opened.credentials.list({ kind: 'signing-key' })).items
  assert.ok(row)
  const [{ kid, x, d } = { kid: '', x: '', d: '' }] = row.value as { kid: string; x: string; d: string }[]
  const key = { kty: 'OKP', crv: 'Ed25519', x }
  return {
    ...clock,
    tokens,
    kid,
    credentials: opened.credentials,
    another: () => createAccessTokens({ credentials: opened.credentials, settings }),
    privateKey: createPrivateKey({ key: { ...key, d }, format: 'jwk' }),
    publicKey: createPublicKey({ key, format: 'jwk' }),
    header: { alg: 'EdDSA', typ: 'at+jwt', kid },
    claims: () => {
      const iat = Math.floor(clock.now() / 1_000)
      const times = { iat, nbf: iat, exp: iat + 900 }
      return { iss: url, aud: url, sub: account, sid: session, tid: tenant, iid: identity, jti: 'j-1', ...times }
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
function signed(header: object, claims: object, key: KeyObject): string {
  const text = `${part(header)}.${part(claims)}`
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`
}

function without(all: Readonly<Record<string, unknown>>, name: string): object {
  return Object.fromEntries(Object.entries(all).filter(([one]) => one !== name))
}

describe('access tokens', () => {
  it('say who asks, and verify with any library by the published keys', async () => {
    await using app = await open()
    const { token, expiresAt } = await app.tokens.sign(subject)
    assert.deepEqual(await app.tokens.callerOf(token), { tenant, identity, account, session })
    const keys = createLocalJWKSet((await app.tokens.keys()) as unknown as JSONWebKeySet)
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: url,
      audience: url,
      typ: 'at+jwt',
      algorithms: ['EdDSA'],
    })
    assert.deepEqual(protectedHeader, { alg: 'EdDSA', typ: 'at+jwt', kid: app.kid })
    assert.equal(payload.sub, account)
    assert.equal(payload.exp, Date.parse(expiresAt) / 1_000)
    assert.deepEqual(Object.keys(payload).toSorted(), 'aud exp iat iid iss jti nbf sid sub tid'.split(' '))
  })

  it('name no tenant and no identity until one was selected', async () => {
    await using app = await open()
    const { token } = await app.tokens.sign({ account, session })
    assert.deepEqual(await app.tokens.callerOf(token), { account, session })
  })

  it('that were seen before are answered at once, until they expire', async () => {
    await using app = await open()
    const { token } = await app.tokens.sign(subject)
    const first = await app.tokens.callerOf(token)
    assert.equal(app.tokens.callerOf(token), first)
    app.pass(899_000)
    assert.equal(app.tokens.callerOf(token), first)
    app.pass(1_000)
    assert.equal(app.tokens.callerOf(token), undefined)
    assert.equal(await app.tokens.callerOf(token), undefined)
  })

  it('end with their session', async () => {
    await using app = await open()
    const endsAt = app.now() + 60_000
    const { expiresAt } = await app.tokens.sign(subject, endsAt)
    assert.equal(Date.parse(expiresAt), Math.floor(endsAt / 1_000) * 1_000)
  })

  it('made by hand with the right key and claims are believed, which shows that those below fail for one reason each', async () => {
    await using app = await open()
    assert.ok(await app.tokens.callerOf(signed(app.header, app.claims(), app.privateKey)))
  })

  const changed: { readonly [why: string]: (claims: Record<string, unknown>) => object } = {
    'of another issuer': (claims) => ({ ...claims, iss: 'https://evil.example' }),
    'for another audience': (claims) => ({ ...claims, aud: 'https://other.example' }),
    'for several audiences': (claims) => ({ ...claims, aud: [url, 'https://other.example'] }),
    'that have expired': (claims) => ({ ...claims, exp: claims['iat'] }),
    'that are not valid yet': (claims) => ({ ...claims, nbf: (claims['iat'] as number) + 60 }),
    'that never expire': (claims) => without(claims, 'exp'),
    'whose times are texts': (claims) => ({ ...claims, exp: String(claims['exp']) }),
    'without a session': (claims) => without(claims, 'sid'),
    'without an account': (claims) => without(claims, 'sub'),
    'without an issuer': (claims) => without(claims, 'iss'),
    'with an identity of no tenant': (claims) => without(claims, 'tid'),
    'with a tenant and no identity': (claims) => without(claims, 'iid'),
    'whose account is an object': (claims) => ({ ...claims, sub: { toString: 'a-1' } }),
  }
  for (const [why, change] of Object.entries(changed))
    it(`${why} are not believed`, async () => {
      await using app = await open()
      assert.equal(await app.tokens.callerOf(signed(app.header, change(app.claims()), app.privateKey)), undefined)
    })

  const headers: { readonly [why: string]: (header: Record<string, unknown>) => object } = {
    'of another type': (header) => ({ ...header, typ: 'JWT' }),
    'of no type': (header) => without(header, 'typ'),
    'without a key id': (header) => without(header, 'kid'),
    'of an unknown key': (header) => ({ ...header, kid: 'somebody-elses' }),
    'whose key id is a path': (header) => ({ ...header, kid: '../../../../dev/null' }),
    'whose key id is one of Object': (header) => ({ ...header, kid: '__proto__' }),
    'with a key in them': (header) => ({ ...header, jwk: { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' } }),
    'with a link to keys': (header) => ({ ...header, jku: 'https://evil.example/keys' }),
    'with critical extensions': (header) => ({ ...header, crit: ['exp'] }),
    'of another algorithm': (header) => ({ ...header, alg: 'ES256' }),
    'of no algorithm': (header) => ({ ...header, alg: 'none' }),
  }
  for (const [why, change] of Object.entries(headers))
    it(`${why} are not believed`, async () => {
      await using app = await open()
      assert.equal(await app.tokens.callerOf(signed(change(app.header), app.claims(), app.privateKey)), undefined)
    })

  it('signed with the public key as a secret are not believed', async () => {
    await using app = await open()
    for (const secret of [
      app.publicKey.export({ format: 'pem', type: 'spki' }),
      app.publicKey.export({ format: 'der', type: 'spki' }),
      Buffer.from(app.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
    ]) {
      const text = `${part({ ...app.header, alg: 'HS256' })}.${part(app.claims())}`
      const mac = createHmac('sha256', secret).update(text).digest('base64url')
      assert.equal(await app.tokens.callerOf(`${text}.${mac}`), undefined)
      const long = createHmac('sha512', secret).update(text).digest('base64url')
      assert.equal(await app.tokens.callerOf(`${text}.${long}`), undefined)
    }
  })

  it('without a signature, in any spelling of none, are not believed', async () => {
    await using app = await open()
    for (const alg of ['none', 'None', 'NONE', 'nOnE', ''])
      for (const end of ['', '.', 'A'.repeat(86)]) {
        const token = `${part({ ...app.header, alg })}.${part(app.claims())}.${end}`
        assert.equal(await app.tokens.callerOf(token), undefined)
      }
  })

  it('signed by a foreign key are not believed', async () => {
    await using app = await open()
    const foreign = generateKeyPairSync('ed25519').privateKey
    assert.equal(await app.tokens.callerOf(signed(app.header, app.claims(), foreign)), undefined)
  })

  it('whose claims were changed after they were signed are not believed, also once the real one was seen', async () => {
    await using app = await open()
    const { token } = await app.tokens.sign(subject)
    await app.tokens.callerOf(token)
    const [head, , signature] = token.split('.')
    const forged = `${head}.${part({ ...app.claims(), sub: 'somebody-else' })}.${signature}`
    assert.equal(await app.tokens.callerOf(forged), undefined)
  })

  it('that are no tokens at all are nobody', async () => {
    await using app = await open()
    const { token } = await app.tokens.sign(subject)
    for (const text of [
      '',
      '.',
      '..',
      'a.b',
      'a.b.c',
      token.slice(1),
      `${token}A`,
      `${token}.`,
      ` ${token}`,
      `${token}\n`,
    ])
      assert.equal(await app.tokens.callerOf(text), undefined, JSON.stringify(text))
    const deep = Buffer.from('['.repeat(3_000)).toString('base64url')
    assert.equal(await app.tokens.callerOf(`${deep}.${deep}.${'A'.repeat(86)}`), undefined)
  })

  it('that are huge are nobody, and are not even hashed', async () => {
    await using app = await open()
    const huge = signed(app.header, { ...app.claims(), note: 'x'.repeat(100_000) }, app.privateKey)
    assert.equal(app.tokens.callerOf(huge), undefined)
  })
})

describe('the keys that sign access tokens', () => {
  it('are the same in processes that start at once', async () => {
    await using opened = await openCredentials()
    const settings = { url, accessTokenSeconds: 900, now: Date.now }
    const all = await Promise.all(
      Array.from({ length: 8 }, () => createAccessTokens({ credentials: opened.credentials, settings })),
    )
    const published = await Promise.all(all.map((tokens) => tokens.keys()))
    for (const keys of published) assert.deepEqual(keys, published[0])
    assert.equal(published[0]?.keys.length, 1)
  })

  it('publish nothing secret', async () => {
    await using app = await open()
    const { keys } = await app.tokens.keys()
    assert.deepEqual(
      keys.map((key) => Object.keys(key).toSorted()),
      [['alg', 'crv', 'kid', 'kty', 'use', 'x']],
    )
  })

  it('change every thirty days by themselves: published first, signing later, gone when nothing of them lives', async () => {
    await using app = await open()
    const kidOf = (token: string) =>
      (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid
    const published = async () => (await app.tokens.keys()).keys.map(({ kid }) => kid)
    app.pass(30 * 86_400_000 - 600_000)
    const old = await app.tokens.sign(subject)
    assert.equal(kidOf(old.token), app.kid)
    const both = await published()
    assert.equal(both.length, 2)
    app.pass(599_000)
    assert.equal(kidOf((await app.tokens.sign(subject)).token), app.kid)
    app.pass(2_000)
    const fresh = await app.tokens.sign(subject)
    assert.equal(kidOf(fresh.token), both[1])
    assert.ok(await app.tokens.callerOf(fresh.token))
    app.pass(200_000)
    assert.ok(await app.tokens.callerOf(old.token))
    app.pass(900_000)
    assert.deepEqual(await published(), [both[1]])
  })

  it('change at once when that is asked for, and what the old one signed stays valid until it expires', async () => {
    await using app = await open()
    const other = await app.another()
    const before = await app.tokens.sign(subject)
    await app.tokens.rotate()
    const after = await app.tokens.sign(subject)
    assert.notEqual(before.token.split('.')[0], after.token.split('.')[0])
    for (const tokens of [app.tokens, other]) {
      assert.ok(await tokens.callerOf(before.token))
      assert.ok(await tokens.callerOf(after.token))
    }
    app.pass(901_000)
    assert.equal(await app.tokens.callerOf(before.token), undefined)
  })

  it('that another process made are looked for once a second at most, however many unknown ones are named', async () => {
    await using opened = await openCredentials()
    let looks = 0
    const clock = settableClock()
    const { credentials } = opened
    const counted = {
      ...credentials,
      get: (key: Parameters<typeof credentials.get>[0]) => (looks++, credentials.get(key)),
    }
    const settings = { url, accessTokenSeconds: 900, now: clock.now }
    const tokens = await createAccessTokens({ credentials: counted, settings })
    const other = await createAccessTokens({ credentials, settings })
    const foreign = generateKeyPairSync('ed25519').privateKey
    const guess = async (at: number) =>
      tokens.callerOf(signed({ alg: 'EdDSA', typ: 'at+jwt', kid: `k-${at}` }, {}, foreign))
    looks = 0
    assert.deepEqual(new Set(await Promise.all(Array.from({ length: 50 }, (_, at) => guess(at)))), new Set([undefined]))
    assert.equal(looks, 1)
    await other.rotate()
    clock.pass(1_000)
    assert.ok(await tokens.callerOf((await other.sign(subject)).token))
    assert.equal(looks, 2)
  })

  it('are rotated by several processes at once without losing one', async () => {
    await using app = await open()
    const others = await Promise.all([app.another(), app.another(), app.another()])
    await Promise.all(others.map((tokens) => tokens.rotate()))
    const signedByAll = await Promise.all(others.map((tokens) => tokens.sign(subject)))
    app.pass(1_000)
    for (const { token } of signedByAll) {
      app.pass(1_000)
      assert.ok(await app.tokens.callerOf(token))
    }
    assert.equal((await app.tokens.keys()).keys.length, 4)
  })
})
