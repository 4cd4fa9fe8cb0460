// Access tokens of every broken kind, sent to a real route: each is answered as nothing at all.
import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { base64url, EncryptJWT, SignJWT, UnsecuredJWT } from 'jose'
import { createSigningKeys } from '../../src/auth/signing-keys.ts'
import type { Answer } from '../fuzz/answers.ts'
import { issuer, startTwoTenants } from '../fuzz/two-tenants.ts'
import type { TwoTenants } from '../fuzz/two-tenants.ts'

let world: TwoTenants
before(async () => void (world = await startTwoTenants()))
after(() => world[Symbol.asyncDispose]())

type Claims = { readonly [claim: string]: unknown }
type Header = { readonly alg: string; readonly [name: string]: unknown }

const asked = (authorization: string): Promise<Answer> =>
  world.asking.ask({ method: 'GET', target: '/api/accounts/me', headers: { authorization } })

/** What the app itself would say of an administrator of the tenant, and the key that it would say it by. */
async function own(): Promise<{ readonly claims: Claims; readonly header: Header; readonly key: CryptoKeyLike }> {
  const { credentials } = world.running.stores
  const keys = await createSigningKeys({ credentials, lifetimeMs: 900_000, now: Date.now })
  const { kid, privateKey } = await keys.signing()
  const { account, session } = world.people.a
  const now = Math.floor(Date.now() / 1000)
  const times = { iat: now, nbf: now, exp: now + 900 }
  const claims = { iss: issuer, aud: issuer, sub: account, sid: session, jti: randomUUID(), ...times }
  return { claims, header: { alg: 'EdDSA', typ: 'at+jwt', kid }, key: privateKey }
}
type CryptoKeyLike = Parameters<InstanceType<typeof SignJWT>['sign']>[0]

const without = (claims: Claims, name: string): Claims =>
  Object.fromEntries(Object.entries(claims).filter(([one]) => one !== name))

/** The token as the app signs it, with other claims or another header. */
async function signed(change: (claims: Claims) => Claims, header: Claims = {}): Promise<string> {
  const { claims, header: usual, key } = await own()
  return new SignJWT(change(claims)).setProtectedHeader({ ...usual, ...header }).sign(key)
}
const same = (claims: Claims): Claims => claims
const withClaims = (more: Claims) => (): Promise<string> => signed((claims) => ({ ...claims, ...more }))
const withHeader = (more: Claims) => (): Promise<string> => signed(same, more)
const seconds = (): number => Math.floor(Date.now() / 1000)

const broken: { readonly [name: string]: () => Promise<string> } = {
  'that is signed by nobody': async () => new UnsecuredJWT((await own()).claims).encode(),
  'that says alg none and has a signature': async () => {
    const [, claims, signature] = (await signed(same)).split('.')
    return `${base64url.encode(JSON.stringify({ alg: 'none', typ: 'at+jwt' }))}.${claims}.${signature}`
  },
  'whose secret is the public key, for HMAC': async () => {
    const { claims, header, key } = await own()
    const secret = createPublicKey(key as never).export({ type: 'spki', format: 'pem' })
    return new SignJWT(claims).setProtectedHeader({ ...header, alg: 'HS256' }).sign(Buffer.from(secret))
  },
  'of another algorithm': async () => {
    const { claims, header } = await own()
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return new SignJWT(claims).setProtectedHeader({ ...header, alg: 'ES256' }).sign(privateKey)
  },
  'of another key under the same name': async () => {
    const { claims, header } = await own()
    return new SignJWT(claims).setProtectedHeader(header).sign(generateKeyPairSync('ed25519').privateKey)
  },
  'that brings its own key': async () => {
    const { claims, header } = await own()
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const jwk = publicKey.export({ format: 'jwk' })
    return new SignJWT(claims).setProtectedHeader({ ...header, jwk }).sign(privateKey)
  },
  'that says where its key lies': withHeader({ jku: 'http://localhost:1/keys', x5u: 'http://localhost:1/keys' }),
  'with a key name that is none': withHeader({ kid: '../../signing-key' }),
  'with a key name of nobody': withHeader({ kid: 'nobodys' }),
  'without a key name': async () => {
    const { claims, key } = await own()
    return new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' }).sign(key)
  },
  'of another type': withHeader({ typ: 'JWT' }),
  'with something critical that nobody knows': async () => {
    const [, claims, signature] = (await signed(same)).split('.')
    const { header } = await own()
    return `${base64url.encode(JSON.stringify({ ...header, crit: ['b64'], b64: false }))}.${claims}.${signature}`
  },
  'of another issuer': withClaims({ iss: 'https://elsewhere.example' }),
  'for another audience': withClaims({ aud: 'https://elsewhere.example' }),
  'for several audiences': withClaims({ aud: [issuer, 'https://elsewhere.example'] }),
  'that has expired': withClaims({ exp: seconds() - 1 }),
  'that is not valid yet': withClaims({ nbf: seconds() + 600 }),
  'that never expires': () => signed((claims) => without(claims, 'exp')),
  'that expires as a text': withClaims({ exp: String(seconds() + 900) }),
  'of nobody': () => signed((claims) => without(claims, 'sub')),
  'without session': () => signed((claims) => without(claims, 'sid')),
  'with a tenant and no identity': withClaims({ tid: 'tenant-a' }),
  'with an identity and no tenant': withClaims({ iid: 'somebody' }),
  'that is encrypted': async () => {
    const { claims } = await own()
    return new EncryptJWT(claims).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(new Uint8Array(32))
  },
  'whose signature is cut': async () => (await signed(same)).slice(0, -4),
  'without signature': async () => `${(await signed(same)).split('.').slice(0, 2).join('.')}.`,
  'with another part': async () => `${await signed(same)}.e30`,
  'with padding': async () => `${await signed(same)}==`,
  'whose claims were changed': async () => {
    const [head, , signature] = (await signed(same)).split('.')
    return `${head}.${base64url.encode(JSON.stringify({ ...(await own()).claims, sub: randomUUID() }))}.${signature}`
  },
  'that is no JSON': async () => `${base64url.encode('{')}.${base64url.encode('{')}.${'a'.repeat(86)}`,
  'that is far too long': async () => `${'a'.repeat(9_000)}.${'a'.repeat(100)}.${'a'.repeat(86)}`,
  'that is a refresh token': async () => world.people.a.refreshToken,
}

describe('a token', () => {
  test('that the app could have signed is taken: what follows differs from it in one thing', async () => {
    assert.equal((await asked(`Bearer ${await signed(same)}`)).status, 200)
  })

  for (const [name, make] of Object.entries(broken))
    test(`${name} stands for nobody`, async () => {
      const { status, headers, text } = await asked(`Bearer ${await make()}`)
      assert.equal(status, 401, text)
      assert.match(String(headers['www-authenticate']), /^Bearer\b/)
      const { requestId: _, ...problem } = JSON.parse(text) as { readonly [name: string]: unknown }
      const reference = await asked('Bearer nothing')
      const { requestId: __, ...expected } = JSON.parse(reference.text) as { readonly [name: string]: unknown }
      assert.deepEqual(problem, expected)
    })

  test('that is right, of a session that never was or is somebody else’s, is denied', async () => {
    for (const sid of [randomUUID(), world.people.b.session]) {
      const { status, text } = await asked(`Bearer ${await withClaims({ sid })()}`)
      assert.equal(status, 401, text)
    }
  })

  test('of another scheme, given twice or in another header stands for nobody', async () => {
    const token = await signed(same)
    for (const authorization of [
      `Basic ${token}`,
      `Bearer ${token} ${token}`,
      `Bearer ${token},Bearer ${token}`,
      token,
    ])
      assert.equal((await asked(authorization)).status, 401, authorization.slice(0, 12))
    const headers = { 'x-access-token': token, 'x-authorization': `Bearer ${token}`, cookie: `token=${token}` }
    assert.equal((await world.asking.ask({ method: 'GET', target: '/api/accounts/me', headers })).status, 401)
  })

  test('in a URL does nothing', async () => {
    const token = await signed(same)
    for (const name of ['access_token', 'token', 'authorization', 'jwt']) {
      const answer = await world.asking.ask({ method: 'GET', target: `/api/accounts/me?${name}=${token}` })
      assert.ok([400, 401].includes(answer.status), answer.text)
      assert.ok(!answer.text.includes(token))
    }
  })
})
