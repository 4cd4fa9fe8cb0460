// One-time codes, keys of addresses, and the policy of passwords.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createApp, domain, handle, memory, query } from '@gesta/core'
import type { Credentials } from '@gesta/core'
import fc from 'fast-check'
import { z } from 'zod'
import { createCodes } from '../../src/secrets/codes.ts'
import { createEmailKeys } from '../../src/secrets/email-keys.ts'
import { aboutAddress, checkPassword } from '../../src/secrets/password-policy.ts'

const ping = query('Probe.Ping', { result: z.string() })
const app = createApp('shop', {
  domains: [domain('Probe', { permissions: 'anonymous', handlers: [handle(ping, async () => 'pong')] })],
})
const encryption = { secrets: [{ id: 'test', secret: 'a secret of tests that is long enough' }] }

it('a code is found by its text, with its tenant, subject and data, until it ends or is removed', async () => {
  await withCredentials(async (credentials) => {
    let now = Date.now()
    const codes = createCodes({ credentials, now: () => now })
    const place = { tenant: 'acme ä', kind: 'invitation' } as const
    const made = { ...place, subject: 'invitation-1', lifetimeMs: 60_000, data: { email: 'ann@example.com' } }
    const { id, text } = await codes.issue(made)
    assert.deepEqual(await codes.find('invitation', text), {
      tenant: place.tenant,
      id,
      subject: made.subject,
      data: made.data,
    })
    assert.equal(await codes.textOf({ ...place, id }), text)
    assert.equal(await codes.find('reset', text), undefined)
    now += 60_000
    assert.equal(await codes.find('invitation', text), undefined)
    assert.equal(await codes.textOf({ ...place, id }), undefined)
    now -= 60_000
    await codes.remove({ ...place, id })
    assert.equal(await codes.find('invitation', text), undefined)
  })
})

it('no other text stands for a code', async () => {
  await withCredentials(async (credentials) => {
    const codes = createCodes({ credentials, now: Date.now })
    const { text } = await codes.issue({ tenant: 'SYSTEM', kind: 'reset', subject: 'a', lifetimeMs: 60_000 })
    const piece = fc.constantFrom(...text.split('.'), '', '.', 'AAAA', '\0', '\u{1F511}', 'x'.repeat(2_000))
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 5 }).map((all) => all.join('.')),
    )
    await fc.assert(
      fc.asyncProperty(texts, async (other) => {
        fc.pre(other.trim() !== text)
        assert.equal(await codes.find('reset', other), undefined)
      }),
    )
  })
})

it('an address has one key however it is written, the same in every process, and others have other ones', async () => {
  await withCredentials(async (credentials) => {
    const [one, other] = [createEmailKeys(credentials), createEmailKeys(credentials)]
    const [key, same] = await Promise.all([one.keyOf('ann@example.com'), other.keyOf(' ANN@Example.COM ')])
    assert.equal(key, same)
    assert.equal(await one.keyOf('ann@b\u00fccher.example'), await one.keyOf('ann@xn--bcher-kva.example'))
    assert.notEqual(key, await one.keyOf('bob@example.com'))
    assert.equal(key.includes('ann'), false)
  })
})

it('keys of addresses of two apps have nothing in common', async () => {
  const keys: string[] = []
  for (const _ of [1, 2])
    await withCredentials(async (credentials) => {
      keys.push(await createEmailKeys(credentials).keyOf('ann@example.com'))
    })
  assert.notEqual(keys[0], keys[1])
})

const settings = { passwordLengthMin: 12, name: 'Umbrella Store' }
const refusal = (password: string): string | undefined =>
  checkPassword(password, settings, aboutAddress('annabelle.smith@example.com', settings))

it('a password has 12 to 256 code points after composition, of any kind', () => {
  assert.equal(refusal('violet anch'), 'too_short')
  assert.equal(refusal('violet ancho'), undefined)
  assert.equal(refusal('violet ance\u0301'), 'too_short')
  assert.equal(refusal('\u{1F511}\u{1F428}\u{1F33B}\u{1F680}'.repeat(3).slice(0, -2)), 'too_short')
  assert.equal(refusal(`violet anchor ${'a b'.repeat(17)}`.slice(0, 64)), undefined)
  assert.equal(refusal(`violet anchor ${'ab '.repeat(90)}`.slice(0, 256)), undefined)
  assert.equal(refusal(`violet anchor ${'ab '.repeat(90)}`.slice(0, 257)), 'too_long')
})

it('a password that others try first is refused, in whatever case', () => {
  const common = [
    'passwordpassword',
    'Password1234',
    'QWERTYUIOP123',
    'aaaaaaaaaaaaaaa',
    'abcabcabcabcabc',
    '123456789012',
  ]
  const about = [
    'annabelle.smith@example.com',
    'Annabelle.Smith',
    'annabelle.smith1!',
    'umbrella store',
    'Umbrella Store 24',
  ]
  for (const password of [...common, ...about]) assert.equal(refusal(password), 'common', password)
})

async function withCredentials(run: (credentials: Credentials) => Promise<void>): Promise<void> {
  await using running = await app.start({ store: memory(), encryption })
  await run(running.stores.credentials)
}
