// The mails about accounts: what they say, when they come, and when they do not.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Mail, Mailer } from '../../src/mail/mailer.ts'
import { mails } from '../../src/mail/mails.ts'
import { accounts, administrator, codeIn, openAccounts, passwords } from '../account/open-accounts.ts'

const [first, second] = passwords
const email = 'ann@example.com'
const app = { name: 'Shop', url: 'https://shop.example' }

it('each mail is plain text with the name of the app and what to do if it was not you', () => {
  const coded = { code: 'U1lT.id.secret', contested: false, tenant: 'Acme' }
  for (const [name, text] of Object.entries(mails)) {
    const mail = text(app, coded)
    assert.match(mail.subject, /^Shop: /, name)
    assert.match(mail.text, /If it was not you|If you do not know who invites you/, name)
    assert.match(mail.text, /Shop, https:\/\/shop\.example$/, name)
  }
})

it('a code stands behind the # of its link, and once more to be pasted', () => {
  const { text } = mails.reset(app, { code: 'U1lT.id.secret' })
  assert.ok(text.includes('https://shop.example/reset-password#U1lT.id.secret'))
  assert.ok(text.includes('paste this code there: U1lT.id.secret'))
})

it('a mail that could not be sent is sent later, with the same id', async () => {
  const tried: Mail[] = []
  const mailer: Mailer = {
    send: async (mail) => {
      tried.push(mail)
      if (tried.length === 1) throw new Error('The server is away.')
    },
  }
  await using test = await openAccounts({ mailer })
  await test.register(email, first)
  await test.settled()
  assert.equal(tried.length, 2)
  assert.deepEqual(tried[0], tried[1])
})

for (const answer of ['refused', 'deferred'] as const)
  it(`a mail that is ${answer} holds up no other, and is noted without its address`, async () => {
    const sent: Mail[] = []
    const mailer: Mailer = {
      send: async (mail) => (mail.to === email ? answer : void sent.push(mail)),
    }
    await using test = await openAccounts({ mailer })
    await test.register(email, first)
    await test.register('bob@example.com', first)
    await test.settled()
    assert.deepEqual(
      sent.map(({ to }) => to),
      ['bob@example.com'],
    )
    const { items } = await test.running.audit.list(administrator, { action: 'Account.MailNotSent' })
    assert.equal(items.length, 1)
    assert.equal(JSON.stringify(items).includes(email), false)
  })

it('a code that no longer counts when its turn comes is not mailed', async () => {
  const held = Promise.withResolvers<void>()
  const sent: Mail[] = []
  const mailer: Mailer = {
    send: async (mail) => {
      await held.promise
      sent.push(mail)
    },
  }
  await using test = await openAccounts({ mailer })
  await test.register('bob@example.com', first)
  await test.register(email, first)
  await test.register(email, second)
  held.resolve()
  await test.settled()
  assert.deepEqual(
    sent.map(({ to }) => to),
    ['bob@example.com'],
  )
})

it('a person is told when the password was changed', async () => {
  await using test = await openAccounts()
  await test.register(email, first)
  await test.verify(codeIn((await test.settled(), test.mailsTo(email).at(-1))))
  const { account = '' } = (await test.find(email)) ?? {}
  await test.as(account).dispatch(accounts.changePassword({ currentPassword: first, newPassword: second }))
  await test.settled()
  assert.match(test.mailsTo(email).at(-1)?.subject ?? '', /your password was changed/)
})
