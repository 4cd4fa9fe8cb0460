// Whose session the directory is asked about, and for what.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPermissionDenied } from '@gesta/core'
import type { Directory, SessionOf } from '@gesta/core'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'
import { ann, ask, look, sign, work, workDomain } from './team-domain.ts'

const session = { account: 'a-ann', session: 's-1' }
const nobody = { ...session, tenant: undefined, identity: undefined }
const member = { ...session, tenant: 'acme', identity: 'ann' }

/** `alive` says which sessions are. */
async function appOf(
  alive: (who: SessionOf) => boolean | 'identity',
): Promise<{ app: StartedApp; asked: SessionOf[] }> {
  const asked: SessionOf[] = []
  const directory: Directory = {
    identity: async () => ({ groups: ['all'] }),
    group: async () => ({ permissions: ['*'] }),
    hasWorkspace: async () => false,
    session: async (who) => (asked.push(who), alive(who)),
  }
  return { app: await startApp(workDomain(), { directory }), asked }
}

test('a contract of the level authenticated asks without an identity, also when the caller has one', async () => {
  const { app, asked } = await appOf(() => true)
  await using _ = app
  assert.ok((await app.running.dispatch(sign({}), { context: ann })).ok)
  assert.equal(await app.running.query(look(), { context: session }), 'seen')
  assert.deepEqual(new Set(asked.map((who) => JSON.stringify(who))), new Set([JSON.stringify(nobody)]))
})

test('a contract of the level authorized asks for the identity', async () => {
  const { app, asked } = await appOf(() => true)
  await using _ = app
  assert.ok((await app.running.dispatch(work({}), { context: ann })).ok)
  assert.deepEqual(asked, [member])
})

test('a session that stands for an identity alone, such as a key, satisfies no level below', async () => {
  const { app } = await appOf(({ identity }) => identity !== undefined || 'identity')
  await using _ = app
  assert.ok((await app.running.dispatch(work({}), { context: ann })).ok)
  assert.equal(await app.running.query(ask(), { context: ann }), 'answer')
  for (const asking of [
    () => app.running.dispatch(sign({}), { context: ann }),
    () => app.running.query(look(), { context: ann }),
  ])
    await assert.rejects(
      asking(),
      (error) =>
        isPermissionDenied(error) && error.facts.hasEnded === undefined && /identity alone/.test(error.facts.reason),
    )
  const { permissions } = app.running
  assert.deepEqual([await permissions.holds(ann, 'Work.Do'), await permissions.holds(ann, 'Work.Sign')], [true, false])
})

test('a directory that says so of an identity that it was asked for makes no sense, and allows nothing', async () => {
  const { app } = await appOf(() => 'identity')
  await using _ = app
  await assert.rejects(app.running.dispatch(work({}), { context: ann }), { code: 'permissions_unavailable' })
})
