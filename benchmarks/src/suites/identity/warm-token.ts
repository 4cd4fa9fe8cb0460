// A query that somebody asks who has signed in, and whose group holds its permission, beside bare Fastify, which asks nobody who they are.
import { besideBareFastify } from '../http.ts'
import type { Suite } from '../suite.ts'
import { startSignedIn } from './signed-in.ts'

export const warmToken: Suite = async function* (effort) {
  await using app = await startSignedIn()
  const headers = { authorization: `Bearer ${app.accessToken}` }
  yield* besideBareFastify('identity', 'query with a warm token', app.url, headers, effort)
}
