// Against a server that answers as the documentation of Vault's key-value engine, version 2, says. Nothing here is a real Vault.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import test from 'node:test'
import { inspect } from 'node:util'
import { openConfig } from '@gesta/core'
import { flags, vaultSecrets } from '../src/index.ts'
import type { VaultOptions } from '../src/index.ts'
import { definition, temporaryFolder } from './given.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void
interface StandIn extends AsyncDisposable {
  readonly url: string
  answer: Answer
}

async function standIn(): Promise<StandIn> {
  const server = createServer((request, response) => vault.answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const vault: StandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: keyValue,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return vault
}

const metadata = { created_time: '2026-01-02T03:04:05.6Z', custom_metadata: null, deletion_time: '', destroyed: false }
const keyValue: Answer = ({ url, headers }, response) => {
  const say = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  if (headers['x-vault-token'] !== 'token-word') return say(403, { errors: ['permission denied'] })
  if (url === '/v1/kv/data/shop')
    return say(200, {
      request_id: 'x',
      lease_id: '',
      renewable: false,
      data: { data: { url: 'postgres://hidden-word', port: 5 }, metadata: { ...metadata, version: 3 } },
    })
  if (url === '/v1/kv/data/deleted')
    return say(404, {
      data: { data: null, metadata: { ...metadata, deletion_time: '2026-02-02T03:04:05Z', version: 1 } },
    })
  if (url === '/v1/team/kv/data/a%20b/shop' && headers['x-vault-namespace'] === 'team')
    return say(200, { data: { data: { url: 'in-namespace' }, metadata } })
  return say(404, { errors: [] })
}

async function urlOf(vault: StandIn, reference: string, options: Partial<VaultOptions> = {}): Promise<unknown> {
  const token = options.tokenFile === undefined ? { token: 'token-word' } : {}
  await using config = await openConfig(definition, {
    sources: [flags({ args: [`--database.url=secret:vault:${reference}`] })],
    secrets: [vaultSecrets({ url: vault.url, ...token, ...options })],
  })
  return config.current.database.url.reveal()
}

test('a field of a secret is read with a token, from a mount and in a namespace', async () => {
  await using vault = await standIn()
  assert.equal(await urlOf(vault, 'kv/shop#url'), 'postgres://hidden-word')
  assert.equal(await urlOf(vault, 'a b/shop#url', { mount: 'team/kv', namespace: 'team' }), 'in-namespace')
})

test('the file of a token is read for each secret', async () => {
  await using vault = await standIn()
  await using folder = await temporaryFolder()
  const tokenFile = join(folder.path, 'token')
  await assert.rejects(urlOf(vault, 'kv/shop#url', { tokenFile }), /the file of Vault's token to be readable/)
  await writeFile(tokenFile, 'old\n')
  await assert.rejects(urlOf(vault, 'kv/shop#url', { tokenFile }), /received 403: the token is not valid/)
  await writeFile(tokenFile, 'token-word\n')
  assert.equal(await urlOf(vault, 'kv/shop#url', { tokenFile }), 'postgres://hidden-word')
})

test('what Vault does not give is told without a word of what it said', async () => {
  await using vault = await standIn()
  const refused = (reference: string, message: RegExp): Promise<void> =>
    assert.rejects(urlOf(vault, reference, { timeoutMs: 500 }), (error: Error) => {
      assert.match(error.message, message)
      assert.doesNotMatch(error.message, /hidden-word|token-word/)
      return true
    })
  await refused('kv/deleted#url', /404: there is no such secret, or its newest version is deleted/)
  await refused('kv/shop#ulr', /to have the field ulr, received none/)
  await refused('kv/shop', /without path or field/)
  await refused('kv/../sys#url', /without path or field/)
  const answers: readonly (readonly [Answer, RegExp])[] = [
    [(_, response) => void response.writeHead(503).end('{"errors":["hidden-word"]}'), /503: it is sealed/],
    [(_, response) => void response.writeHead(307, { location: '/v1/other' }).end(), /received 307/],
    [(_, response) => void response.end('hidden-word'), /to answer with JSON/],
    [(_, response) => void response.end('null'), /to have the field url/],
    [(_, response) => void response.end(`"${'x'.repeat(1024 * 1024)}"`), /at most 1048576 bytes/],
    [(request) => void request.socket.destroy(), /to answer in 500 ms, received none/],
    [() => undefined, /to answer in 500 ms, received none/],
  ]
  for (const [answer, message] of answers) {
    vault.answer = answer
    await refused('kv/shop#url', message)
  }
})

test('a Vault that is down keeps what is in force', async () => {
  await using vault = await standIn()
  await using config = await openConfig(definition, {
    sources: [flags({ args: ['--database.url=secret:vault:kv/shop#url'] })],
    secrets: [vaultSecrets({ url: vault.url, token: 'token-word' })],
  })
  vault.answer = (_, response) => void response.writeHead(503).end()
  const reload = await config.reload()
  assert.deepEqual(reload.ok ? 'ok' : [reload.step, reload.error.code], ['resolve', 'secret_unavailable'])
  assert.equal(config.current.database.url.reveal(), 'postgres://hidden-word')
})

test('options are checked: a token goes nowhere in clear', () => {
  const made = (options: object): unknown => vaultSecrets({ url: 'https://vault:8200', token: 'x', ...options })
  const refused = (options: object, message: RegExp): void => assert.throws(() => made(options), { message })
  refused({ url: 'http://vault:8200' }, /to be HTTPS/)
  refused({ url: 'vault' }, /to be like https/)
  refused({ url: 'https://ann:hidden-word@vault:8200' }, /to have no user and no password/)
  refused({ tokenFile: '/x' }, /either token or tokenFile/)
  assert.throws(() => made({ timeoutMs: 0 }), RangeError)
  refused({ tokn: 'x' }, /Did you mean "token"/)
})

test('a token that cannot be sent is told without a word of it', async () => {
  for (const token of ['hidden-word\nmore', 'hidden-word \u20ac']) {
    const vault = vaultSecrets({ url: 'http://127.0.0.1:1', token })
    await assert.rejects(vault.resolve('kv/shop#url', new AbortController().signal), (error) => {
      assert.match(String(error), /token to be one line of ASCII/)
      assert.doesNotMatch(inspect(error, { depth: 9 }), /hidden-word/)
      return true
    })
  }
})
