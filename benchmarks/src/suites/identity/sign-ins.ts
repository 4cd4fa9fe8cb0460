// How many sign-ins and refreshes a second one process takes, one after the other, against the work that each cannot do without: the hash
// of a password with the same parameters, the signature of a token.
import { hash, verify } from '@node-rs/argon2'
import { generateKeyPair, SignJWT } from 'jose'
import { rowOf } from '../../row.ts'
import type { Suite } from '../suite.ts'
import { inTurns, repeated } from './in-turns.ts'
import { issuer, post, refreshPath, signInPath, startSignedIn } from './signed-in.ts'
import type { SignedIn } from './signed-in.ts'

/** The parameters of @gesta/identity. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const password = 'correct horse battery staple 7'

export const signIns: Suite = async function* ({ rounds, seconds }) {
  await using app = await startSignedIn()
  const passes = {
    // First, because an account keeps a hundred sessions, and each sign-in begins one.
    'refresh, against the signature of its token alone': {
      own: refresh(app),
      bound: await bareSignature(),
      perSec: 500,
    },
    'sign-in, against its hash alone': { own: signIn(app), bound: await bareHash(), perSec: 30 },
  }
  for (const [name, { own, bound, perSec }] of Object.entries(passes)) {
    const count = Math.max(5, Math.round(seconds * perSec))
    const compared = await inTurns({ own: repeated(own), bound: repeated(bound) }, rounds, count)
    yield rowOf('identity', name, 'none', compared)
  }
}

function signIn({ url, email, password: given }: SignedIn): () => Promise<unknown> {
  return () => post(url, signInPath, { email, password: given })
}

function refresh({ url, refreshToken }: SignedIn): () => Promise<unknown> {
  let next = refreshToken
  return async () => {
    next = (await post<{ refreshToken: string }>(url, refreshPath, { refreshToken: next })).refreshToken
  }
}

async function bareHash(): Promise<() => Promise<unknown>> {
  const known = await hash(password, cost)
  return () => verify(known, password)
}

async function bareSignature(): Promise<() => Promise<unknown>> {
  const { privateKey } = await generateKeyPair('EdDSA')
  const claims = { sid: 's'.repeat(36), tid: 't'.repeat(36), iid: 'i'.repeat(36) }
  return () =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
      .setIssuer(issuer)
      .setAudience(issuer)
      .setSubject('a'.repeat(36))
      .setIssuedAt()
      .setExpirationTime('15m')
      .sign(privateKey)
}
