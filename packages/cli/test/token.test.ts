import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { commands } from '../src/commands.ts'
import { answering } from './given/answering.ts'
import { gesta, gestaHere } from './run-gesta.ts'

afterEach(() => void delete process.env['GESTA_TOKEN'])

describe('the token of whoever asks', () => {
  test('comes from the environment, or from the command line before it, and goes into one header', async () => {
    await using app = await answering()
    const list = ['read-model', 'list', '--url', app.url]
    await gestaHere(list)
    await gestaHere(list, { env: { GESTA_TOKEN: 'hidden-word' } })
    await gestaHere([...list, '--token', 'another-word'])
    await gestaHere(list, { env: { GESTA_TOKEN: '' } })
    assert.deepEqual(
      app.asked.map(({ headers, path }) => [headers.authorization, path]),
      [undefined, 'Bearer hidden-word', 'Bearer another-word', undefined].map((sent) => [sent, '/admin/read-models']),
    )
  })

  test('is taken by every command that asks a running app, and by no other', () => {
    for (const { name, options } of commands) assert.equal('token' in options, 'url' in options, name)
  })

  test('is shown nowhere, whatever is wrong', async () => {
    await using refusing = await answering({ status: 401, body: { code: 'unauthenticated', title: 'Who?' } })
    for (const args of [
      ['read-model', 'list', '--url', refusing.url, '--token', 'hidden-word'],
      ['read-model', 'list', '--url', 'http://127.0.0.1:1', '--token', 'hidden-word'],
      ['read-model', 'list', '--url', 'http://shop.example', '--token', 'hidden-word'],
      ['read-model', 'list', '--url', `http://me:hidden-word@${new URL(refusing.url).host}`],
      ['read-model', 'list', '--url', `${refusing.url}?access_token=hidden-word`],
      ['read-model', 'list', '--url', `${refusing.url}#hidden-word`],
      ['read-model', 'list', '--token', 'hidden-word and more'],
      ['read-model', 'list', '--token=hidden-word', '--token=hidden-word'],
      ['store', 'info', '--token', 'hidden-word'],
      ['help', 'read-model', 'list', '--json'],
    ]) {
      const { stdout, stderr } = await gesta(args, { env: { GESTA_TOKEN: 'hidden-word' } })
      assert.ok(!`${stdout}${stderr}`.includes('hidden-word'), `${args.join(' ')}: ${stdout}${stderr}`)
    }
  })

  test('is refused in an address, with spaces, and over http to another machine', async () => {
    const refused = async (...args: readonly string[]): Promise<string> => {
      const { code, stderr } = await gestaHere(['read-model', 'list', ...args])
      assert.equal(code, 2, stderr)
      return stderr
    }
    assert.match(
      await refused('--url', 'http://a:b@127.0.0.1:1'),
      /without user, password and parameters: .*GESTA_TOKEN/,
    )
    assert.match(await refused('--url', 'http://127.0.0.1:1?token=a'), /without user, password and parameters/)
    assert.match(await refused('--token', 'a b'), /^gesta: usage: Expected --token to be a token without spaces/)
    assert.match(await refused('--url', 'http://shop.example', '--token', 'a'), /could be read on its way/)
    process.env['GESTA_TOKEN'] = 'a\nb'
    assert.match(await refused(), /^gesta: usage: Expected GESTA_TOKEN to be a token/)
  })

  test('follows no redirection', async () => {
    await using elsewhere = await answering()
    await using app = await answering({ status: 307, headers: { location: elsewhere.url } })
    const { code, stderr } = await gestaHere(['read-model', 'list', '--url', app.url, '--token', 'hidden-word'])
    assert.equal(code, 1)
    assert.match(stderr, /^gesta: refused: .*status 307/)
    assert.deepEqual(elsewhere.asked, [])
  })
})

describe('a no of the app is told with what to do', () => {
  const told = async (
    status: number,
    body: object,
    headers: { readonly [name: string]: string } = {},
  ): Promise<string> => {
    await using app = await answering({ status, body, headers })
    const { code, stderr } = await gestaHere(['read-model', 'list', '--url', app.url])
    assert.equal(code, 1)
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr)
    return stderr
  }
  test('401: say who asks', async () => {
    assert.equal(
      await told(401, { code: 'unauthenticated', detail: 'The credentials were refused.' }),
      'gesta: unauthenticated: The credentials were refused. Say who asks: a token in GESTA_TOKEN of the environment, or --token.\n',
    )
  })
  test('403: ask for the permission', async () => {
    assert.equal(
      await told(403, { code: 'permission_denied', title: 'The caller may not run the contract' }),
      'gesta: permission_denied: The caller may not run the contract. Ask an administrator for the permission; "gesta permissions explain" says what is missing.\n',
    )
    assert.equal(await told(403, { code: 'not_local', detail: 'No.' }), 'gesta: not_local: No.\n')
  })
  test('429: ask later', async () => {
    const body = { code: 'rate_limited', title: 'The caller asks more often than is allowed' }
    assert.match(await told(429, body, { 'retry-after': '7' }), /more often than is allowed\. Ask again in 7 s\.$/m)
    assert.match(await told(429, body), /Ask again later\.$/m)
  })
})
