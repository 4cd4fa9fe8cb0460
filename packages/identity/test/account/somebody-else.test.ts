// Somebody who knows an address, and does not read its mail: what they are told, and what they can gain.
import assert from 'node:assert/strict'
import { it, mock } from 'node:test'
import { memory } from '@gesta/core'
import type { Backend } from '@gesta/core'
import type { Passwords } from '../../src/secrets/passwords.ts'
import { accounts, administrator, codeIn, openAccounts, passwords, quickPasswords } from './open-accounts.ts'
import type { Accounts } from './open-accounts.ts'
import { rejected } from './rejected.ts'

const [theirs, mine, other] = passwords
const ann = 'ann@example.com'
const minuteMs = 60_000

it('a password that somebody else registered is gone when the owner registers', async () => {
  await using app = await openAccounts()
  await app.register(ann, theirs)
  const old = await app.codeTo(ann)
  app.pass(3 * minuteMs)
  await app.register(ann, mine)
  assert.equal(rejected(await app.verify(old)), 'invalid_code')
  assert.ok((await app.verify(await app.codeTo(ann), mine)).ok)
  assert.equal(await app.signsIn(ann, mine), true)
  assert.equal(await app.signsIn(ann, theirs), false)
})

it('a registration after that of the owner activates nothing the owner does not know', async () => {
  await using app = await openAccounts()
  await app.register(ann, mine)
  const own = await app.codeTo(ann)
  app.pass(3 * minuteMs)
  await app.register(ann, theirs)
  const code = await app.codeTo(ann)
  assert.equal(rejected(await app.verify(own)), 'invalid_code')
  assert.match(app.mailsTo(ann).at(-1)?.text ?? '', /more than once, with different passwords/)
  assert.equal(rejected(await app.verify(code)), 'password_needed')
  assert.equal(rejected(await app.verify(code, mine)), 'invalid_credentials')
  assert.equal(await app.signsIn(ann, theirs), false)
  await app.running.dispatch(accounts.requestPasswordReset({ email: ann }))
  assert.ok((await app.running.dispatch(accounts.resetPassword({ code: await app.codeTo(ann), password: other }))).ok)
  assert.deepEqual(await Promise.all([theirs, mine, other].map((password) => app.signsIn(ann, password))), [
    false,
    false,
    true,
  ])
})

it('whoever registers again and again does not keep the owner of the mailbox from setting a password', async () => {
  await using app = await openAccounts()
  await app.register(ann, theirs)
  await app.running.dispatch(accounts.requestPasswordReset({ email: ann }))
  const code = await app.codeTo(ann)
  app.pass(3 * minuteMs)
  await app.register(ann, mine)
  assert.ok((await app.running.dispatch(accounts.resetPassword({ code, password: other }))).ok)
  assert.deepEqual(await Promise.all([theirs, mine, other].map((password) => app.signsIn(ann, password))), [
    false,
    false,
    true,
  ])
})

it('a registration within the pause voids the code before it, so that no mail activates another password', async () => {
  await using app = await openAccounts()
  await app.register(ann, theirs)
  const old = await app.codeTo(ann)
  await app.register(ann, mine)
  await app.settled()
  assert.equal(app.mailsTo(ann).length, 1)
  assert.equal(rejected(await app.verify(old)), 'invalid_code')
  app.pass(3 * minuteMs)
  await app.running.dispatch(accounts.requestVerification({ email: ann }))
  assert.ok((await app.verify(await app.codeTo(ann), mine)).ok)
  assert.equal(await app.signsIn(ann, mine), true)
})

it('the same registration twice sends one mail, whose code counts', async () => {
  await using app = await openAccounts()
  await app.register(ann, mine)
  await app.register(ann, mine)
  const code = await app.codeTo(ann)
  assert.equal(app.mailsTo(ann).length, 1)
  assert.ok((await app.verify(code)).ok)
})

it('a registration of an address that has an account changes nothing, and its owner is told', async () => {
  await using app = await openAccounts()
  await activated(app)
  assert.ok((await app.register(ann, theirs)).ok)
  await app.settled()
  assert.match(app.mailsTo(ann).at(-1)?.subject ?? '', /you have an account/)
  assert.equal(await app.signsIn(ann, mine), true)
  assert.equal(await app.signsIn(ann, theirs), false)
})

it('a mailbox is not filled: the pause between mails grows, and a code in it counts until the next', async () => {
  await using app = await openAccounts()
  await activated(app)
  const before = app.mailsTo(ann).length
  for (let minute = 0; minute < 24 * 60; minute += 5) {
    await app.running.dispatch(accounts.requestPasswordReset({ email: ann }))
    app.pass(5 * minuteMs)
  }
  await app.settled()
  const sent = app.mailsTo(ann).slice(before)
  assert.ok(sent.length > 0 && sent.length <= 30, `received ${sent.length}`)
})

it('known, unknown, waiting and blocked addresses are answered alike, by the same work', async () => {
  const counted = counting()
  await using app = await openAccounts({ passwords: counted })
  await activated(app)
  await app.register('waiting@example.com', mine)
  const blocked = 'blocked@example.com'
  await app.register(blocked, mine)
  await app.verify(await app.codeTo(blocked))
  const accountUuid = (await app.find(blocked))?.account ?? ''
  await app.running.dispatch(accounts.block({ accountUuid, reason: 'asked for' }), { context: administrator })
  await app.settled()
  const asks = [
    (email: string) => accounts.register({ email, password: theirs }),
    (email: string) => accounts.requestVerification({ email }),
    (email: string) => accounts.requestPasswordReset({ email }),
  ]
  for (const [at, ask] of asks.entries()) {
    const seen = new Set<string>()
    // The second time within the pause, when no mail is sent.
    for (const email of [
      ann,
      `nobody${at}@example.com`,
      'waiting@example.com',
      blocked,
      ann,
      'waiting@example.com',
      blocked,
    ]) {
      counted.calls.length = 0
      const written = app.written()
      const before = await head(app)
      const outcome = await app.running.dispatch(ask(email))
      const told = Object.entries(outcome).map(([field, value]) => [field, typeof value, String(value).length])
      const work = { calls: counted.calls, written: app.written() - written }
      seen.add(JSON.stringify({ told, ...work, movesTheHead: (await head(app)) !== before }))
    }
    assert.equal(seen.size, 1, [...seen].join('\n'))
  }
})

it('a code that no commit has named opens nothing', async () => {
  await using app = await openAccounts()
  await activated(app)
  const subject = (await app.find(ann))?.account ?? ''
  const orphan = await app.bound.codes.issue({ tenant: 'SYSTEM', kind: 'reset', subject, lifetimeMs: minuteMs })
  const reset = accounts.resetPassword({ code: orphan.text, password: theirs })
  assert.equal(rejected(await app.running.dispatch(reset)), 'invalid_code')
  assert.equal(await app.signsIn(ann, theirs), false)
})

it('what a refused commit leaves is never valid, and is swept', async () => {
  const store = refusing()
  await using app = await openAccounts({ store: store.backend })
  await activated(app)
  await app.running.dispatch(accounts.requestPasswordReset({ email: ann }))
  const code = await app.codeTo(ann)
  const before = await total(app)
  store.refuse = true
  await assert.rejects(app.running.dispatch(accounts.resetPassword({ code, password: theirs })))
  await assert.rejects(app.register('bob@example.com', theirs))
  store.refuse = false
  assert.equal(await app.signsIn(ann, theirs), false)
  assert.equal(await app.signsIn(ann, mine), true)
  assert.equal(await app.find('bob@example.com'), null)
  assert.equal((await total(app)) > before, true)
  const { items } = await app.running.stores.credentials.list({})
  const named = new Set([(await app.find(ann))?.password, 'email-key'])
  for (const { id, expiresAt } of items) assert.equal(expiresAt !== undefined || named.has(id), true)
})

async function activated(app: Accounts): Promise<void> {
  await app.register(ann, mine)
  await app.verify(codeIn((await app.settled(), app.mailsTo(ann).at(-1))))
}

async function total(app: Accounts): Promise<number> {
  return (await app.running.stores.credentials.list({}, { limit: 1_000 })).items.length
}

/** What the next one who asks is told of the end of the log. */
async function head(app: Accounts): Promise<string> {
  return (await app.verify('none')).token
}

function counting(): Passwords & { readonly calls: string[] } {
  const inner = quickPasswords()
  const calls: string[] = []
  return {
    ...inner,
    calls,
    hash: (password) => (calls.push('hash'), inner.hash(password)),
    verify: (hash, password) => (calls.push('verify'), inner.verify(hash, password)),
  }
}

/** A store that takes no commit while it is told to: what a crash between a secret and its event comes to. */
function refusing(): { refuse: boolean; readonly backend: Backend } {
  const inner = memory()
  const refused = () => Promise.reject(new Error('The process was killed here.'))
  const place = {
    refuse: false,
    backend: {
      backend: inner.backend,
      open: async (runtime: Parameters<Backend['open']>[0]) => {
        const opened = await inner.open(runtime)
        const { events } = opened
        const commit = events.commit.bind(events)
        const taken: typeof commit = (...asked) => (place.refuse ? refused() : commit(...asked))
        mock.method(events, 'commit', taken)
        return opened
      },
    },
  }
  return place
}
