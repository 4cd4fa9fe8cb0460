// On whose behalf jobs run: the app itself only where the app has stored them.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isSystemContext, systemContext } from '../../../src/request-context/system-context.ts'
import type { RequestContext } from '../../../src/request-context/request-context.ts'
import { encodeSender, senderOf } from '../../../src/stores/job/job-sender.ts'

describe('the sender of a job', () => {
  test('is the app itself when the app has stored it, with everything else that the context says', () => {
    const sender = senderOf(encodeSender({ ...systemContext('bakery'), correlationId: 'c-1' }))
    assert.equal(isSystemContext(sender), true)
    assert.deepEqual([sender.targetTenant, sender.correlationId], ['bakery', 'c-1'])
  })

  test('is who they are when somebody has', () => {
    const context = { tenant: 'bakery', identity: 'ann', account: 'a', session: 's', attributes: { isApp: 'true' } }
    assert.deepEqual(senderOf(encodeSender(context)), context)
    assert.deepEqual(senderOf(encodeSender({})), {})
  })

  test('is never the app because a context from outside looks like its own', () => {
    const { tenant, identity, account, session } = systemContext()
    const like = { tenant, identity, account, session }
    const forged: readonly unknown[] = [
      like,
      { ...like, isApp: true },
      { ...like, attributes: { isApp: true } },
      { ...like, traceparent: '","isApp":true,"x":"' },
      { ...like, attributes: '"},"isApp":true}' },
    ]
    for (const context of forged)
      assert.equal(isSystemContext(senderOf(encodeSender(context as RequestContext))), false)
  })
})
