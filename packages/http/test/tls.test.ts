import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { connect as connectPlain } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { connect } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { serve } from '../src/index.ts'
import type { TlsOptions } from '../src/index.ts'
import { serveShop } from './support/serve-shop.ts'
import { asksForCookies, serveSessions } from './support/session-app.ts'

const openssl = ((): string | false => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return false
  } catch {
    return 'there is no openssl to make a certificate with'
  }
})()

let folder = ''
/** Files with a key and its certificate; the name is what the certificate is for. */
function certificate(name: string): Pick<TlsOptions, 'key' | 'cert'> {
  const key = join(folder, `${name}.key`)
  const cert = join(folder, `${name}.cert`)
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', [...made, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  return { key, cert }
}

async function handshake(url: string, options: object = {}): Promise<TLSSocket> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', rejectUnauthorized: false, ...options })
  await once(socket, 'secureConnect')
  return socket
}
const nameAt = async (url: string): Promise<string | undefined> => {
  const socket = await handshake(url)
  const { CN } = socket.getPeerCertificate().subject
  socket.destroy()
  return typeof CN === 'string' ? CN : undefined
}

async function ask(url: string, headers: Record<string, string> = {}, body?: string): Promise<IncomingMessage> {
  const method = body === undefined ? 'GET' : 'POST'
  const sent = request(url, { method, headers, rejectUnauthorized: false, agent: false })
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  response.resume()
  return response
}

describe('TLS', { skip: openssl }, () => {
  let first: Pick<TlsOptions, 'key' | 'cert'>
  let second: Pick<TlsOptions, 'key' | 'cert'>
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'gesta-tls-'))
    first = certificate('first.example')
    second = certificate('second.example')
  })
  after(() => rmSync(folder, { recursive: true }))

  test('is spoken with key and certificate from files or from text, and says that it stays', async () => {
    const text = { key: readFileSync(first.key, 'utf8'), cert: readFileSync(first.cert, 'utf8') }
    for (const tls of [first, text]) {
      await using shop = await serveShop({ tls })
      assert.match(shop.url, /^https:/)
      const { statusCode, headers } = await ask(`${shop.url}/api/queries/Order.Ping`)
      assert.equal(statusCode, 200)
      assert.equal(headers['strict-transport-security'], 'max-age=31536000; includeSubDomains')
    }
  })

  test('is 1.2 at least, or what is asked for', async () => {
    await using shop = await serveShop({ tls: first })
    const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }
    await assert.rejects(handshake(shop.url, old))
    const known = await handshake(shop.url, { maxVersion: 'TLSv1.2' })
    assert.equal(known.getProtocol(), 'TLSv1.2')
    known.destroy()
    await using strict = await serveShop({ tls: { ...first, minVersion: 'TLSv1.3' } })
    await assert.rejects(handshake(strict.url, { maxVersion: 'TLSv1.2' }))
  })

  test('takes a renewed certificate while it serves, and open connections go on', async () => {
    const files = { key: join(folder, 'now.key'), cert: join(folder, 'now.cert') }
    const put = (from: Pick<TlsOptions, 'key' | 'cert'>): void => {
      writeFileSync(files.key, readFileSync(from.key))
      writeFileSync(files.cert, readFileSync(from.cert))
    }
    put(first)
    await using shop = await serveShop({ tls: files })
    const open = await handshake(shop.url)
    put(second)
    assert.equal(await nameAt(shop.url), 'first.example')
    await shop.server.reloadTls()
    assert.equal(await nameAt(shop.url), 'second.example')
    open.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
    const [answer] = (await once(open, 'data')) as [Buffer]
    assert.match(answer.toString('latin1'), /^HTTP\/1\.1 200/)
    writeFileSync(files.cert, readFileSync(first.cert))
    await assert.rejects(shop.server.reloadTls(), /a private key and its certificate/)
    assert.equal(await nameAt(shop.url), 'second.example')
  })

  test('that cannot be is refused at start, and nothing of the key is told', async () => {
    await using shop = await serveShop()
    const refuses = (tls: TlsOptions, sentence: RegExp): Promise<void> =>
      assert.rejects(serve(shop.running, { port: 0, tls }), (error: Error) => {
        assert.match(error.message, sentence)
        assert.doesNotMatch(`${error.stack} ${String(error.cause)}`, /BEGIN|MIG/)
        return true
      })
    await refuses({ key: first.key, cert: second.cert }, /a private key and its certificate/)
    await refuses(
      { key: join(folder, 'none'), cert: first.cert },
      /the file of tls\.key, .*none, cannot be read \(ENOENT\)/,
    )
    await refuses(
      { key: '-----BEGIN PRIVATE KEY-----\nMIGnonsense', cert: first.cert },
      /a private key and its certificate/,
    )
    await refuses({ ...first, key: '' }, /tls\.key to be PEM text/)
    await refuses({ ...first, minVersion: 'TLSv1' as never }, /TLSv1\.2 or TLSv1\.3, received TLSv1/)
    await assert.rejects(shop.server.reloadTls(), /no option tls/)
  })

  test('is what sign-in takes in production', async () => {
    await using shop = await serveSessions({ tls: first, production: true })
    const headers = { ...asksForCookies, 'content-type': 'application/json', via: '1.1 proxy' }
    const { statusCode, headers: answered } = await ask(`${shop.url}/login`, headers, '{"password":"right"}')
    assert.equal(statusCode, 200)
    assert.equal(answered['set-cookie']?.length, 3)
  })

  // Without the time-out of the test, the server's own would end the wait and hide it.
  test('keeps no server from stopping: neither a handshake nor a silent connection', { timeout: 30_000 }, async () => {
    await using shop = await serveShop({ tls: first, shutdownTimeoutMs: 60_000 })
    const silent = await handshake(shop.url)
    const shaking = connectPlain(Number(new URL(shop.url).port), '127.0.0.1')
    await once(shaking, 'connect')
    // The beginning of a greeting that never ends.
    shaking.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]))
    await (await ask(`${shop.url}/healthz`)).toArray()
    const closed = [silent, shaking].map((socket) => once(socket.on('error', () => undefined).resume(), 'close'))
    await shop.server[Symbol.asyncDispose]()
    await Promise.all(closed)
  })
})
