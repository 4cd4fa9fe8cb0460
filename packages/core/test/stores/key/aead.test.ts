import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { open, seal } from '../../../src/stores/key/aead.ts'
import { newKeyring } from './secrets.ts'

describe('sealed bytes', () => {
  test('open to what they were, in their place and with their key alone', async () => {
    const { keyring } = newKeyring()
    const key = await keyring.findOrMake({ tenant: 't', subject: 's' })
    const other = await keyring.findOrMake({ tenant: 't', subject: 'u' })
    assert.ok(typeof key === 'object' && typeof other === 'object')
    const place = fc.tuple(fc.constantFrom('field' as const, 'event' as const), fc.string(), fc.string(), fc.string())
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), place, place, fc.nat(), (bytes, here, there, at) => {
        const sealed = seal(key.key, here, bytes, keyring.nonce())
        assert.deepEqual(Uint8Array.from(open(key.key, here, sealed)), bytes)
        assert.throws(() => open(other.key, here, sealed))
        if (JSON.stringify(here) !== JSON.stringify(there)) assert.throws(() => open(key.key, there, sealed))
        const changed = Uint8Array.from(sealed)
        changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ 1
        assert.throws(() => open(key.key, here, changed))
        assert.throws(() => open(key.key, here, sealed.subarray(0, at % sealed.length)))
      }),
    )
  })
})
