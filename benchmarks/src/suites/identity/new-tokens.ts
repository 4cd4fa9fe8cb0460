// Tokens that the app has not seen before: who each stands for, against the bare verification of the same tokens.
import { createLocalJWKSet, jwtVerify } from 'jose'
import type { JSONWebKeySet } from 'jose'
import { rowOf } from '../../row.ts'
import type { Suite } from '../suite.ts'
import { inTurns } from './in-turns.ts'
import { issuer, post, refreshPath, startSignedIn } from './signed-in.ts'
import type { SignedIn } from './signed-in.ts'

const tokensMin = 20
/** About what one core verifies. */
const tokensPerSec = 5_000

export const newTokens: Suite = async function* ({ rounds, seconds }) {
  await using app = await startSignedIn()
  const mint = minter(app)
  const keys = createLocalJWKSet(await keysOf(app))
  const expected = { issuer, audience: issuer, algorithms: ['EdDSA'], typ: 'at+jwt' }
  let tokens: readonly string[] = []
  // One after the other, as they come with requests.
  const own = async (): Promise<void> => {
    for (const token of tokens)
      if ((await app.identity.callerOf(token)) === undefined)
        throw new Error('Expected the token to stand for somebody.')
  }
  const bound = async (): Promise<void> => {
    for (const token of tokens) await jwtVerify(token, keys, expected)
  }
  const prepare = async (count: number): Promise<void> => void (tokens = await mint(count))
  const count = Math.max(tokensMin, Math.round(seconds * tokensPerSec))
  const compared = await inTurns({ own, bound, prepare }, rounds, count)
  yield rowOf('identity', 'new token, against its verification alone', 'none', compared)
}

/** New tokens the way that clients get them. */
function minter({ url, refreshToken }: SignedIn): (count: number) => Promise<readonly string[]> {
  let next = refreshToken
  return async (count) => {
    const tokens: string[] = []
    while (tokens.length < count) {
      const given = await post<{ accessToken: string; refreshToken: string }>(url, refreshPath, { refreshToken: next })
      tokens.push(given.accessToken)
      next = given.refreshToken
    }
    return tokens
  }
}

async function keysOf({ url }: SignedIn): Promise<JSONWebKeySet> {
  return (await (await fetch(`${url}/api/v1/auth/jwks`)).json()) as JSONWebKeySet
}
