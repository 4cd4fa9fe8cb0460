// The text by which a key is a session: it is read as it was written, and stands for its own tenant and identity alone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Look } from '@gesta/core'
import fc from 'fast-check'
import { isKeyLive } from '../../src/service-account/api-keys.ts'
import { keyOfSession, sessionOfKey } from '../../src/service-account/key-session.ts'
import { parseKey, textOfKey } from '../../src/service-account/key-text.ts'

const tenants = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => text.isWellFormed())
const secret = 'x'.repeat(43)

test('sessions and texts of keys are read as they were written', () => {
  fc.assert(
    fc.property(tenants, fc.uuid(), (tenant, key) => {
      assert.deepEqual(keyOfSession(sessionOfKey({ tenant, key })), { tenant, key })
      assert.deepEqual(parseKey(textOfKey({ tenant, key, secret })), { tenant, key, secret })
    }),
  )
})

test('no other text is a key, and no key has two texts', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `gesta_${text}`),
      ),
      (text) => {
        const parsed = parseKey(text)
        if (parsed !== undefined) assert.equal(textOfKey(parsed), text)
        const session = keyOfSession(text)
        if (session !== undefined) assert.equal(sessionOfKey(session), text)
      },
    ),
  )
})

test('a living key is the session of its own tenant and identity, and of nobody without an identity', async () => {
  const key = '0190aaaa-0000-7000-8000-000000000000'
  const state = { status: 'live', identity: 'till' }
  const look = { read: () => ({ get: async () => ({ state }) }) } as unknown as Look
  const session = sessionOfKey({ tenant: 'acme', key })
  assert.equal(await isKeyLive({ tenant: 'acme', identity: 'till', session }, look), true)
  assert.equal(await isKeyLive({ tenant: 'other', identity: 'till', session }, look), false)
  assert.equal(await isKeyLive({ tenant: 'acme', identity: 'ann', session }, look), false)
  assert.equal(await isKeyLive({ tenant: 'acme', identity: undefined, session }, look), 'identity')
  assert.equal(await isKeyLive({ tenant: undefined, identity: undefined, session }, look), 'identity')
  assert.equal(await isKeyLive({ tenant: 'acme', identity: 'till', session: `${session}0` }, look), false)
})
