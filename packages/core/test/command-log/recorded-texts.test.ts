// What records say and what they do not: marked fields, limits, metadata, sealed payloads.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { command, domain, handle } from '@gesta/core'
import { z } from 'zod'
import { recordLimits } from '../../src/stores/command-log/command-record.ts'
import type { Commit } from '../../src/stores/commit.ts'
import { startApp } from '../started-app.ts'
import { guarded, loose, marked, only, own, plain, records, startWorkshop, work } from './recording-place.ts'

const ann = { account: 'ann', session: 's' }

describe('a field that its contract marks', () => {
  test('is replaced in the record, and only there', async () => {
    await using app = await startWorkshop()
    await app.running.dispatch(marked({ id: 'a', password: 'hunter2', name: 'Ann' }))
    const { payload, redacted } = await only(app)
    assert.equal(payload, '{"id":"a","name":"[personal]","password":"[secret]"}')
    assert.deepEqual(redacted, ['password', 'name'])
  })

  test('is not named when the payload has none', async () => {
    await using app = await startWorkshop()
    await app.running.dispatch(marked({ id: 'a', password: 'hunter2' }))
    assert.deepEqual((await only(app)).redacted, ['password'])
  })

  test('is not in the record of a payload that was refused either, nor what the schema said of it', async () => {
    await using app = await startWorkshop()
    await assert.rejects(app.running.dispatch(marked({ id: 'a', password: 'much too long' })), {
      code: 'invalid_input',
    })
    const { payload, error } = await only(app)
    assert.equal(payload, '{"id":"a","password":"[secret]"}')
    assert.equal(error?.message, 'Work.Marked does not fit a schema at: password.')
  })

  test('is named alone when it does not fit: names below it, as those of a map, are what it holds', async () => {
    const invite = command('Mail.Invite', {
      input: z.object({ guests: z.record(z.string(), z.int()), rooms: z.record(z.string(), z.int()) }),
      redact: { guests: 'personal' },
    })
    const mail = domain('Mail', { permissions: 'anonymous', handlers: [handle(invite, async () => undefined)] })
    await using app = await startApp(mail)
    const input = { guests: { 'ann@example.org': 'x', 'bob@example.org': 'y' }, rooms: { attic: 'z' } }
    await assert.rejects(app.running.dispatch(invite(input as never)), { code: 'invalid_input' })
    const { error, payload } = await only(app)
    assert.equal(error?.message, 'Mail.Invite does not fit a schema at: guests, rooms.attic.')
    assert.equal(payload, '{"guests":"[personal]","rooms":{"attic":"z"}}')
  })

  test('that cannot be found takes the whole payload with it', async () => {
    await using app = await startWorkshop()
    await assert.rejects(app.running.dispatch(marked(['hunter2'] as never)), { code: 'invalid_input' })
    const { payload, redacted } = await only(app)
    assert.deepEqual([payload, redacted], [undefined, ['*']])
  })
})

describe('a payload', () => {
  test('of somebody unknown who was refused is kept as far as it shows what was tried', async () => {
    await using app = await startWorkshop()
    const hidden = own({ id: 'x'.repeat(5_000) })
    await assert.rejects(app.running.dispatch(hidden), { code: 'permission_denied' })
    const { payload, truncated } = await only(app)
    assert.deepEqual([payload?.length, truncated], [4_096, ['payload']])
  })

  const quotes = 2
  test('of exactly its limit is kept whole', async () => {
    await using app = await startWorkshop()
    const text = 'x'.repeat(recordLimits.payloadBytes - quotes)
    await app.running.dispatch(loose(text))
    const { payload, truncated } = await only(app)
    assert.deepEqual([payload === JSON.stringify(text), truncated], [true, []])
  })

  test('of one byte more is cut, and says so', async () => {
    await using app = await startWorkshop()
    await app.running.dispatch(loose('x'.repeat(recordLimits.payloadBytes - quotes + 1)))
    const { payload, truncated } = await only(app)
    assert.deepEqual([payload?.length, payload?.at(-1), truncated], [recordLimits.payloadBytes, 'x', ['payload']])
  })

  for (const character of ['é', '€', '😀'])
    test(`is cut between characters: ${character}`, async () => {
      await using app = await startWorkshop()
      for (const before of ['', '.', '..', '...'])
        await app.running.dispatch(loose(before + character.repeat(recordLimits.payloadBytes / 2)))
      for (const { payload = '', truncated } of await records(app)) {
        assert.ok(payload.isWellFormed() && payload.endsWith(character))
        const bytes = Buffer.byteLength(payload)
        assert.ok(bytes <= recordLimits.payloadBytes && bytes > recordLimits.payloadBytes - 4)
        assert.deepEqual(truncated, ['payload'])
      }
    })

  test('is sealed with whole payloads, cut or not, and read as it was', async () => {
    const commits: Commit[] = []
    const encryption = { secrets: [{ id: 's', secret: 'x'.repeat(32) }], payloads: 'all' } as const
    await using app = await startWorkshop({
      encryption,
      interfere: async (commit, next) => (commits.push(commit), next()),
    })
    const large = '€'.repeat(recordLimits.payloadBytes)
    await app.running.dispatch(loose('open sesame'), { commandId: 'small' })
    await app.running.dispatch(loose(large), { commandId: 'large' })
    await assert.rejects(app.running.dispatch(guarded({ id: 'a' }), { context: ann, commandId: 'denied' }))
    for (const { detail } of commits) assert.match(detail?.payload ?? '', /^ \{"sealed":"whole"/)
    const { commandLog } = app.running
    assert.equal((await commandLog.get('', 'small'))?.payload, '"open sesame"')
    assert.equal((await commandLog.get('', 'denied'))?.payload, '{"id":"a"}')
    assert.ok(`"${large}`.startsWith((await commandLog.get('', 'large'))?.payload ?? 'nothing'))
  })
})

test('what a schema says of a payload that is sealed whole is not kept beside it in plain text', async () => {
  const quote = command('Mail.Quote', {
    input: z.object({ text: z.string().refine(() => false, { error: ({ input }) => `not "${String(input)}"` }) }),
  })
  const mail = domain('Mail', { permissions: 'anonymous', handlers: [handle(quote, async () => undefined)] })
  const encryption = { secrets: [{ id: 's', secret: 'x'.repeat(32) }], payloads: 'all' } as const
  await using app = await startApp(mail, { encryption })
  const refused = app.running.dispatch(quote({ text: 'hunter2' }))
  await assert.rejects(refused, { code: 'invalid_input', message: /hunter2/ })
  const { error, payload } = await only(app)
  assert.deepEqual(error, { code: 'invalid_input', message: 'Mail.Quote does not fit a schema.' })
  assert.equal(payload, '{"text":"hunter2"}')
})

describe('metadata', () => {
  test('is what the caller gave and what the app adds', async () => {
    await using app = await startWorkshop({
      commandLog: { metadata: ({ type, options }) => ({ type, more: `${options.metadata?.['address']}!` }) },
    })
    await app.running.dispatch(plain(), { metadata: { address: '::1', type: 'other' } })
    assert.deepEqual((await only(app)).metadata, { address: '::1', type: 'Work.Plain', more: '::1!' })
  })

  test('of the app is left out when it cannot be had', async () => {
    await using app = await startWorkshop({
      commandLog: {
        metadata: () => {
          throw new Error('none')
        },
      },
    })
    await app.running.dispatch(plain(), { metadata: { address: '::1' } })
    assert.deepEqual((await only(app)).metadata, { address: '::1' })
  })

  test('is kept whole at its limits, and cut and marked beyond', async () => {
    await using app = await startWorkshop()
    const { metadataKeys, metadataLength } = recordLimits
    const names = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`n${at}`, 'v']))
    const whole = { ...names(metadataKeys - 1), long: 'x'.repeat(metadataLength) }
    await app.running.dispatch(plain(), { metadata: whole })
    await app.running.dispatch(plain(), { metadata: names(metadataKeys + 1) })
    await app.running.dispatch(plain(), { metadata: { long: `${'x'.repeat(metadataLength - 1)}😀` } })
    const [first, second, third] = await records(app)
    assert.deepEqual([first?.metadata, first?.truncated], [whole, []])
    assert.deepEqual([second?.metadata, second?.truncated], [names(metadataKeys), ['metadata']])
    assert.deepEqual(
      [third?.metadata['long']?.length, third?.metadata['long']?.isWellFormed(), third?.truncated],
      [metadataLength, true, ['metadata']],
    )
  })
})

test('the words of an error are cut to their limit, and marked', async () => {
  await using app = await startWorkshop()
  await app.running.dispatch(work({ id: 'a', how: 'long' }))
  const { error, truncated } = await only(app)
  assert.deepEqual([error?.message.length, truncated], [recordLimits.errorLength, ['error']])
})

test('a key that cannot be stored is left out of the record', async () => {
  await using app = await startWorkshop()
  const refused = app.running.dispatch(plain(), { context: ann, idempotencyKey: '' })
  await assert.rejects(refused, { code: 'invalid_key' })
  assert.equal((await only(app)).idempotencyKey, undefined)
})
