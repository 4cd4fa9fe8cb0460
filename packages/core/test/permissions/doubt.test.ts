// What nobody knows for certain of an epoch is not forgotten for a read that began before.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GestaError } from '@gesta/core'
import { settled } from '../fake-clock.ts'
import type { Interference } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'
import { ann, ask, grant, inAcme, revoke, teamDirectory, teams, workDomain } from './team-domain.ts'

const denied = { code: 'permission_denied' }
const member = { identity: 'ann', permission: 'Work.*' }

test('a read of epochs that began before a revocation whose fate the store told late does not bring it back', async () => {
  let isMute = false
  const interfere: Interference = async (_, next) => {
    const verdict = await next()
    if (!isMute) return verdict
    isMute = false
    throw new GestaError('outcome_unknown', 'The connection was lost.')
  }
  let slow: Promise<void> | undefined
  await using app = await startApp([teams, workDomain()], {
    directory: teamDirectory,
    interfere,
    wrap: (events) => ({
      readTails: async (read) => {
        const tails = await events.readTails(read)
        await slow
        return tails
      },
    }),
  })
  const caller = app.running.as(ann)
  await app.running.dispatch(grant(member), { context: inAcme })
  assert.equal(await app.clock.finish(caller.query(ask())), 'answer')

  // Nobody knows now what the store has of any epoch, so the next one who asks has them read.
  isMute = true
  await app.clock.finish(app.running.permissions.changed({ account: 'a-zoe' }))
  const reading = Promise.withResolvers<void>()
  slow = reading.promise
  const before = caller.query(ask())
  await settled()
  isMute = true
  await app.clock.finish(app.running.dispatch(revoke(member), { context: inAcme }))
  slow = undefined
  reading.resolve()
  // It came before the acknowledgement, so either answer is right; what follows did not.
  await app.clock.finish(before.catch(() => undefined))
  await assert.rejects(app.clock.finish(caller.query(ask())), denied)
})
