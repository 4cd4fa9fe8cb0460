// `npm run shop:people`: what it prints, what it keeps, and that it goes on after it was killed.
import assert from 'node:assert/strict'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { script, temporaryFolder } from '../processes/script.ts'
import { freePort, password } from './people.ts'

const name = 'with-people/serve.ts'

async function post(url: string, path: string, body: object): Promise<number> {
  const headers = { 'content-type': 'application/json' }
  return (await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).status
}

describe('npm run shop:people', () => {
  it('makes a secret that only its user reads, prints a link to set it up, and knows people after it was killed', async () => {
    await using folder = await temporaryFolder()
    const env = { DATA_DIR: folder.path, PORT: String(await freePort()), SHOP_SECRET: undefined }
    const first = script(name, [], env)
    const [, code = ''] = await first.prints(/\/set-up#(\S+)/)
    const [, url = ''] = await first.prints(/open: (http:\S+)/)
    const kept = join(folder.path, 'shop.secret')
    assert.ok(first.printed.stdout.includes(`lies in ${kept}`))
    assert.equal((await stat(kept)).mode & 0o777, 0o600)
    const secret = (await readFile(kept, 'utf8')).trim()
    assert.equal(Buffer.from(secret, 'base64').length, 32)
    assert.ok(!first.printed.stdout.includes(secret))
    const root = { email: 'root@shop.example', password, name: 'Root' }
    assert.equal(await post(url, '/api/v1/auth/set-up', { ...root, code }), 200)
    first.child.kill('SIGKILL')
    await first.ended

    const second = script(name, [], env)
    await second.prints(/Sign in: http/)
    assert.doesNotMatch(second.printed.stdout, /set-up/)
    assert.equal(await post(url, '/api/v1/auth/login', { email: root.email, password }), 200)
    second.child.kill('SIGTERM')
    assert.equal(await second.ended, 0, second.printed.stderr)
    assert.equal((await readFile(kept, 'utf8')).trim(), secret)
  })

  it('does not start with another secret, or without the one that was there', async () => {
    await using folder = await temporaryFolder()
    const env = { DATA_DIR: folder.path, PORT: String(await freePort()), SHOP_SECRET: undefined }
    const first = script(name, [], env)
    await first.prints(/Stop with Ctrl-C/)
    first.child.kill('SIGTERM')
    assert.equal(await first.ended, 0, first.printed.stderr)

    const other = script(name, [], { ...env, SHOP_SECRET: 'quite another secret of thirty-two bytes' })
    assert.equal(await other.ended, 1)
    assert.match(other.printed.stderr, /Start with the secrets that the store was written with/)
    assert.doesNotMatch(other.printed.stdout, /lies in/)
    const short = script(name, [], { ...env, SHOP_SECRET: 'hunter2' })
    assert.equal(await short.ended, 1)
    assert.equal(
      short.printed.stderr,
      'Expected SHOP_SECRET to be text of at least 32 bytes, received 7. Make one with: openssl rand -base64 32\n',
    )
    await writeFile(join(folder.path, 'shop.secret'), '')
    const emptied = script(name, [], env)
    assert.equal(await emptied.ended, 1)
    assert.match(emptied.printed.stderr, /shop\.secret to hold the secret of the shop, but it is empty/)
  })
})
