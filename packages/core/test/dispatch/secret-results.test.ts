// A command whose result is a secret: told once, to the caller of its own commit, and stored nowhere.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, domain, event, GestaError, handle } from '@gesta/core'
import type { StoredHeader } from '@gesta/core/ports'
import { z } from 'zod'
import { encryption } from '../erasure/customers.ts'
import { settled } from '../fake-clock.ts'
import { wholeLog } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp, StartedOptions } from '../started-app.ts'

const Began = event('Session.Began', z.object({}))
const Session = aggregate('Session', () => 0).on(Began, (count) => count + 1)
const options = {
  input: z.object({ id: z.string(), password: z.string() }),
  result: z.object({ token: z.string() }),
  rejections: { wrong: { reason: 'It is wrong.', details: z.object({ left: z.int() }) } },
  redact: { password: 'secret' },
  secretResult: true,
  anonymousKeys: true,
} as const
const begin = command('Session.Begin', options)
const renew = command('Session.Renew', options)
const change = command('Session.Change', {
  input: options.input,
  result: z.object({ changed: z.int() }),
  redact: { password: 'secret' },
  anonymousKeys: true,
})

const token = 'unmistakable-token'
let given = 0
const sessions = domain('Session', {
  permissions: 'anonymous',
  aggregates: [Session],
  handlers: [
    Session.decide(begin, 'id', (_, { password }) =>
      password === 'right'
        ? begin.accept([Began({})], { token: `${token}-${++given}` })
        : begin.reject('wrong', { left: 2 }),
    ),
    handle(renew, async (input, { load }) => {
      if (input.password !== 'right') return renew.reject('wrong', { left: 2 })
      const session = await load(Session, input.id)
      session.emit(Began({}))
      return { token: `${token}-${++given}` }
    }),
    Session.decide(change, 'id', (count) => change.accept([Began({})], { changed: count + 1 })),
  ],
})
const start = (started: StartedOptions = {}): Promise<StartedApp> => startApp(sessions, started)
const right = { id: 's', password: 'right' }
const wrong = { id: 's', password: 'wrong' }

async function headerOf(app: StartedApp, commandId: string): Promise<StoredHeader> {
  const header = await app.store.header('', commandId)
  assert.ok(header !== undefined)
  return header
}
/** Everything that the stores tell of commands. */
async function everythingStored(app: StartedApp): Promise<string> {
  await settled()
  const { items } = await app.running.commandLog.list({}, { limit: 1_000 })
  const headers = await Promise.all(items.map(({ commandId }) => app.store.header('', commandId)))
  return JSON.stringify([items, headers, await wholeLog(app.store), (await app.audit.list({})).items])
}

for (const [how, make] of [
  ['that an aggregate decides', begin],
  ['that a handler decides', renew],
] as const)
  describe(`a secret result ${how}`, () => {
    test('is told to the caller, and is in no header, record or event', async () => {
      for (const started of [{}, { encryption: { ...encryption, payloads: 'all' as const } }]) {
        await using app = await start(started)
        const outcome = await app.running.dispatch(make(right))
        assert.match((outcome.ok && outcome.result.token) || '', /^unmistakable-token-\d+$/)
        const { answer, ...header } = await headerOf(app, outcome.commandId)
        assert.deepEqual([answer, header.outcome], [undefined, 'accepted'])
        assert.ok(!(await everythingStored(app)).includes(token))
      }
    })

    test('is told also when the store did not tell the outcome at first, and it is decided once', async () => {
      for (const stores of [true, false]) {
        let calls = 0
        await using app = await start({
          interfere: async (_, next) => {
            if (++calls > 2) return next()
            if (stores) await next()
            throw new GestaError('outcome_unknown', 'the connection was cut')
          },
        })
        const before = given
        const outcome = await app.clock.finish(app.running.dispatch(make(right)))
        assert.deepEqual(outcome.ok && outcome.result, { token: `${token}-${before + 1}` })
        assert.deepEqual([calls, given, await app.store.head()], [3, before + 1, 1])
      }
    })

    test('cannot be asked for again: neither key nor command id is taken, and nothing is decided', async () => {
      await using app = await start()
      const before = given
      for (const named of [{ idempotencyKey: 'key-1' }, { commandId: 'command-1' }])
        for (const caller of [{}, { context: { account: 'ann', session: 's' } }])
          await assert.rejects(app.running.dispatch(make(right), { ...named, ...caller }), {
            code: 'idempotency_refused',
            message: new RegExp(`The result of ${make.type} is told once.*Leave both out`),
          })
      assert.deepEqual([given, await app.store.head()], [before, 0])
    })

    test('may be a rejection, which is stored with its details', async () => {
      await using app = await start()
      const outcome = await app.running.dispatch(make(wrong))
      assert.deepEqual(!outcome.ok && outcome.rejection.details, { left: 2 })
      const { answer, outcome: kind } = await headerOf(app, outcome.commandId)
      assert.equal(kind, 'rejected')
      assert.match(answer ?? '', /"left":2/)
    })
  })

describe('a field that is marked as secret', () => {
  test('cannot be guessed by what is stored: any value leaves the same fingerprint', async () => {
    await using app = await start()
    const fingerprints = new Set<string | undefined>()
    for (const password of ['right', 'wrong', 'hunter2', '']) {
      const { commandId } = await app.running.dispatch(change({ id: 's', password }))
      const { fingerprint } = await headerOf(app, commandId)
      assert.match(fingerprint ?? '', /^[\w-]{43}$/)
      fingerprints.add(fingerprint)
    }
    assert.equal(fingerprints.size, 1)
    const other = await app.running.dispatch(change({ id: 't', password: 'right' }))
    assert.ok(!fingerprints.has((await headerOf(app, other.commandId)).fingerprint))
  })

  test('cannot be guessed by the record of a refused attempt either', async () => {
    await using app = await start()
    const refused = async (password: unknown, commandId: string): Promise<string | undefined> => {
      await assert.rejects(app.running.dispatch(change({ id: 's', password } as never), { commandId }), {
        code: 'invalid_input',
      })
      await settled()
      return (await headerOf(app, commandId)).fingerprint
    }
    assert.equal(await refused(1, 'a'), await refused(2, 'b'))
  })

  test('does not tell repetitions apart: the first outcome is theirs, by command id and by key', async () => {
    for (const named of [{ commandId: 'command-1' }, { idempotencyKey: 'key-1' }]) {
      await using app = await start()
      const first = await app.running.dispatch(change({ id: 's', password: 'one' }), named)
      const again = await app.running.dispatch(change({ id: 's', password: 'two' }), named)
      assert.deepEqual(again, first)
      const code = 'commandId' in named ? 'command_conflict' : 'idempotency_conflict'
      await assert.rejects(app.running.dispatch(change({ id: 't', password: 'one' }), named), { code })
    }
  })
})
