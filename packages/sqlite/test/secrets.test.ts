// A command with a secret and a secret result: neither is in any file of the store, whatever became of the command.
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { aggregate, command, createApp, domain, event } from '@gesta/core'
import { z } from 'zod'
import { sqlite } from '../src/index.ts'
import { newFolder } from './place.ts'

const Began = event('Session.Began', z.object({}))
const Session = aggregate('Session', () => 0).on(Began, (count) => count + 1)
const begin = command('Session.Begin', {
  input: z.object({ id: z.string(), password: z.string().min(3) }),
  result: z.object({ token: z.string() }),
  rejections: { wrong: 'It is wrong.' },
  redact: { password: 'secret' },
  secretResult: true,
  audited: true,
})
const sessions = createApp('sessions', {
  domains: [
    domain('Session', {
      permissions: 'anonymous',
      handlers: [
        Session.decide(begin, 'id', (_, { password }) =>
          password === 'unmistakable-right'
            ? begin.accept([Began({})], { token: 'unmistakable-token' })
            : begin.reject('wrong'),
        ),
      ],
    }),
  ],
})

test('no file tells a secret that a command was sent, or the result that it was given', async () => {
  await using folder = await newFolder()
  const running = await sessions.start({ store: sqlite(join(folder.path, 'store.db')) })
  const send = (password: string) => running.dispatch(begin({ id: 's', password }))
  const accepted = await send('unmistakable-right')
  assert.deepEqual(accepted.ok && accepted.result, { token: 'unmistakable-token' })
  assert.equal((await send('unmistakable-wrong')).ok, false)
  await assert.rejects(send('un'), { code: 'invalid_input' })
  await assert.rejects(running.dispatch(begin({ id: 's', password: 'unmistakable-named' }), { commandId: 'c' }), {
    code: 'idempotency_refused',
  })
  await running[Symbol.asyncDispose]()
  const files = await Promise.all(
    (await readdir(folder.path)).map((name) => readFile(join(folder.path, name), 'latin1').catch(() => '')),
  )
  assert.ok(files.some((text) => text.includes('Session.Begin')))
  assert.doesNotMatch(files.join('\n'), /unmistakable/)
})
