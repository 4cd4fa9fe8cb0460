import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, test } from 'node:test'
import { parseAnswer } from '../support/serve-shop.ts'
import { operatorOf } from './operator.ts'
import type { AdminQuestion } from './operator.ts'
import { standIn } from './stand-in.ts'

const list = '/admin/read-models'

async function refuses(question: (port: string) => AdminQuestion, detail: RegExp): Promise<void> {
  await using operator = await operatorOf(standIn({ stop: () => assert.fail('it was told') }))
  const { port } = new URL(operator.url)
  const answers = [
    await operator.get(list, question(port)),
    await operator.get('/elsewhere', question(port)),
    await operator.post(`${list}/Order.RevenueByDay`, { action: 'stop' }, question(port)),
  ]
  for (const { status, problem, headers } of answers) {
    assert.deepEqual([status, problem.code, headers['connection']], [403, 'not_local', 'close'])
    assert.match(problem.detail ?? '', detail)
    assert.equal(headers['access-control-allow-origin'], undefined)
  }
  assert.deepEqual(operator.logged, [])
}

/** What comes back for bytes that are sent as they are. */
async function sent(port: number, bytes: string): Promise<ReturnType<typeof parseAnswer>> {
  const socket = connect(port, '127.0.0.1')
  let received = ''
  socket.setEncoding('utf8').on('data', (text: string) => (received += text))
  socket.write(bytes)
  await once(socket, 'close')
  return parseAnswer(received)
}

describe('the admin address refuses', () => {
  test('a name that is not of this machine, as a rebound one would be', async () => {
    for (const host of ['shop.example', '127.0.0.1.shop.example', '0.0.0.0', 'localhost.', '127.1'])
      await refuses((port) => ({ headers: { host: `${host}:${port}` } }), /host/)
  })

  test('the name of another port', async () => {
    await refuses((port) => ({ headers: { host: `localhost:${Number(port) ^ 1}` } }), /host/)
    await refuses(() => ({ headers: { host: 'localhost' } }), /host/)
  })

  test('pages, whatever their origin', async () => {
    for (const origin of ['https://shop.example', 'null', 'http://localhost:3000'])
      await refuses(() => ({ headers: { origin } }), /origin/)
    for (const site of ['cross-site', 'same-site', 'something new'])
      await refuses(() => ({ headers: { 'sec-fetch-site': site } }), /sec-fetch-site/)
  })

  test('what a proxy passes on', async () => {
    for (const name of ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'])
      await refuses(() => ({ headers: { [name]: '127.0.0.1' } }), new RegExp(name))
  })

  const elsewhere = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address
  test(
    'a caller with another address, whatever its headers say',
    { skip: elsewhere === undefined && 'this machine has no other address' },
    async () => {
      await refuses(() => ({ localAddress: elsewhere as string }), /another address/)
    },
  )

  test('a host that is empty, absent or given twice', async () => {
    await using operator = await operatorOf(standIn())
    const port = Number(new URL(operator.url).port)
    const empty = await sent(port, `GET ${list} HTTP/1.1\r\nhost:\r\nconnection: close\r\n\r\n`)
    const absent = await sent(port, `GET ${list} HTTP/1.0\r\n\r\n`)
    const twice = await sent(
      port,
      `GET ${list} HTTP/1.1\r\nhost: localhost:${port}\r\nhost: shop.example\r\nconnection: close\r\n\r\n`,
    )
    assert.deepEqual(
      [empty, absent, twice].map(({ status, problem }) => [status, problem.code]),
      [
        [403, 'not_local'],
        [403, 'not_local'],
        [400, 'invalid_header'],
      ],
    )
  })
})

describe('the admin address answers', () => {
  test('every name and address of this machine', async () => {
    await using operator = await operatorOf(standIn())
    const { port } = new URL(operator.url)
    for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'])
      assert.equal((await operator.get(list, { headers: { host: `${name}:${port}` } })).status, 200)
    assert.equal((await operator.get(list, { localAddress: '127.0.0.1' })).status, 200)
  })

  const six = Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === '::1'),
  )
  test('on IPv6 too', { skip: !six && 'this machine has no ::1' }, async () => {
    await using operator = await operatorOf(standIn(), { host: '::1' })
    assert.match(operator.url, /^http:\/\/\[::1\]:\d+$/)
    assert.equal((await operator.get(list)).status, 200)
  })

  test('who types it into a browser', async () => {
    await using operator = await operatorOf(standIn())
    for (const site of ['none', 'same-origin'])
      assert.equal((await operator.get(list, { headers: { 'sec-fetch-site': site } })).status, 200)
  })

  test('with nothing that may be kept or guessed at', async () => {
    await using operator = await operatorOf(standIn())
    const answers = [await operator.get(list), await operator.get('/nothing')]
    for (const { headers } of answers)
      assert.deepEqual([headers['cache-control'], headers['x-content-type-options']], ['no-store', 'nosniff'])
    assert.match(answers[0]?.headers['content-type'] as string, /^application\/json; charset=utf-8$/)
    assert.match(answers[1]?.headers['content-type'] as string, /^application\/problem\+json; charset=utf-8$/)
  })
})
