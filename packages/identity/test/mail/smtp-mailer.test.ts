// Mail over SMTP, against a server on this machine.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { it } from 'node:test'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions } from 'smtp-server'
import { smtpMailer } from '../../src/mail/smtp-mailer.ts'

const signal = new AbortController().signal
const mail = { id: 'event-1', to: 'ann@example.com', subject: 'Shop: hällo', text: 'The code is c0de.' }
const from = 'Shop <post@shop.example>'

it('a mail arrives with its sender, its text and an id that is the same when it is sent again', async () => {
  await using server = await serving({ authOptional: true })
  const mailer = smtpMailer({ host: '127.0.0.1', port: server.port, from })
  await mailer.send(mail, { signal })
  await mailer.send(mail, { signal })
  const [first = '', second = ''] = server.received
  assert.match(first, /^From: Shop <post@shop\.example>\r$/m)
  assert.match(first, /^To: ann@example\.com\r$/m)
  assert.match(first, /The code is c0de\./)
  const idOf = (text: string) => /^Message-ID: (.*)\r$/im.exec(text)?.[1]
  assert.ok(idOf(first))
  assert.equal(idOf(first), idOf(second))
})

it('no password is shown over a connection that had to be encrypted and is not', async () => {
  const seen: string[] = []
  await using server = await serving({
    authMethods: ['PLAIN'],
    onAuth: ({ username, password }, { secure }, done) => {
      seen.push(`${username} ${password} ${secure}`)
      done(null, { user: username })
    },
  })
  const options = { host: '127.0.0.1', port: server.port, from, auth: { user: 'shop', pass: 'hush-hush' } }
  await assert.rejects(smtpMailer({ ...options, requireTls: true }).send(mail, { signal }), /did not take a mail/)
  assert.deepEqual(seen, [])
})

it('what goes wrong is told without addresses, texts and secrets', async () => {
  await using server = await serving({
    allowInsecureAuth: true,
    authMethods: ['PLAIN'],
    onAuth: ({ username, password }, _, done) => done(new Error(`no ${username} with ${password}`)),
  })
  const auth = { user: 'shop', pass: 'hush-hush' }
  const mailer = smtpMailer({ host: '127.0.0.1', port: server.port, from, auth })
  await assert.rejects(mailer.send(mail, { signal }), (error: Error) => {
    assert.match(error.message, /^The mail server 127\.0\.0\.1:\d+ did not take a mail: EAUTH AUTH 535\./)
    for (const secret of ['hush-hush', 'ann@example.com', 'c0de'])
      assert.equal(JSON.stringify([error.message, error.stack, error.cause]).includes(secret), false)
    return true
  })
})

it('trouble with one recipient is told apart from trouble with the server', async () => {
  const answers = {
    '550 5.1.1 no such mailbox': 'refused',
    '501 5.1.3 bad address': 'refused',
    '450 4.1.2 no such domain': 'deferred',
    '550 5.7.1 relaying denied': 'thrown',
    '530 5.7.0 sign in first': 'thrown',
    '450 4.7.1 too many mails': 'thrown',
    '421 4.3.2 shutting down': 'thrown',
  }
  for (const [answer, expected] of Object.entries(answers)) {
    const [code = ''] = answer.split(' ')
    await using server = await serving({
      authOptional: true,
      onRcptTo: (_, __, done) => done(Object.assign(new Error(answer.slice(4)), { responseCode: Number(code) })),
    })
    const mailer = smtpMailer({ host: '127.0.0.1', port: server.port, from })
    const outcome = await mailer.send(mail, { signal }).then(
      (said) => said ?? 'sent',
      () => 'thrown',
    )
    assert.equal(outcome, expected, answer)
  }
})

it('nothing in an address or a subject becomes a header or a second recipient', async () => {
  await using server = await serving({ authOptional: true })
  const mailer = smtpMailer({ host: '127.0.0.1', port: server.port, from })
  const addresses = [
    'a@b.example\r\nBcc: c@d.example',
    'a@b.example, c@d.example',
    'A <a@b.example>',
    'a@b@c.example',
    '"a b"@c.example',
  ]
  for (const to of addresses) assert.equal(await mailer.send({ ...mail, to }, { signal }), 'refused')
  for (const subject of ['Hello\r\nBcc: c@d.example', 'Hello\nthere', 'a\u2028b'])
    await assert.rejects(mailer.send({ ...mail, subject }, { signal }), /one line/)
  assert.deepEqual(server.received, [])
})

it('an abort ends what a silent server keeps waiting', async () => {
  const silent = createServer()
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const stop = new AbortController()
  const mailer = smtpMailer({ host: '127.0.0.1', port: (silent.address() as AddressInfo).port, from })
  const connected = once(silent, 'connection')
  const sending = mailer.send(mail, { signal: stop.signal })
  const [socket] = await connected
  stop.abort(new Error('The app stops.'))
  await assert.rejects(sending, /The app stops/)
  socket.destroy()
  silent.close()
  await once(silent, 'close')
})

it('options that are unknown or wrong are refused when the mailer is made', () => {
  const good = { host: 'mail.shop.example', from }
  assert.throws(() => smtpMailer({ ...good, prot: 25 } as never), /Did you mean/)
  assert.throws(() => smtpMailer({ ...good, port: 0 }), /port/)
  assert.throws(() => smtpMailer({ ...good, host: '' }), /host/)
  assert.throws(() => smtpMailer({ ...good, from: 'Shop\r\nBcc: <a@b.example>' }), /from/)
})

async function serving(options: SMTPServerOptions) {
  const received: string[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    ...options,
    onData: (stream, _, done) => {
      const pieces: Buffer[] = []
      stream.on('data', (piece: Buffer) => pieces.push(piece))
      stream.on('end', () => {
        received.push(Buffer.concat(pieces).toString())
        done()
      })
    },
  })
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  return { port, received, [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())) }
}
