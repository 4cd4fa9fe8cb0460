// Hashes of passwords, and the thread that makes them.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { isGestaError } from '@gesta/core'
import { hashSync } from '@node-rs/argon2'
import { createPasswords } from '../../src/secrets/passwords.ts'
import { createPasswordWorker } from '../../src/secrets/password-worker.ts'

describe('passwords', () => {
  it('are hashed with argon2id at the cost that is asked for, with a salt each', async () => {
    await using passwords = createPasswords({ queueMax: 8 })
    const [one, other] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')])
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    assert.notEqual(one, other)
    assert.equal(await passwords.verify(one, 'correct horse'), 'right')
    assert.equal(await passwords.verify(one, 'correct hors'), 'wrong')
  })

  it('are the same however an accent was typed', async () => {
    await using passwords = createPasswords({ queueMax: 8 })
    assert.equal(await passwords.verify(await passwords.hash('caf\u00e9 au lait'), 'cafe\u0301 au lait'), 'right')
  })

  it('tell a hash of less cost apart, and only when the password is right', async () => {
    await using passwords = createPasswords({ queueMax: 8 })
    const weak = hashSync('correct horse', { memoryCost: 8_192, timeCost: 1 })
    assert.equal(await passwords.verify(weak, 'correct horse'), 'stale')
    assert.equal(await passwords.verify(weak, 'wrong horse'), 'wrong')
  })

  it('are wrong where there is no hash, by the same work', async () => {
    await using passwords = createPasswords({ queueMax: 8 })
    assert.equal(await passwords.verify(undefined, 'correct horse'), 'wrong')
    assert.equal(await passwords.verify(undefined, ''), 'wrong')
  })

  it('beyond the queue are refused with the time to wait', async () => {
    await using passwords = createPasswords({ queueMax: 2 })
    const asked = await Promise.allSettled(Array.from({ length: 6 }, () => passwords.hash('correct horse')))
    const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    assert.equal(refused.length, 3)
    for (const error of refused) {
      assert.ok(isGestaError(error, 'rate_limited'))
      assert.ok((error.facts['retryAfterMs'] as number) >= 1_000)
    }
  })

  it('fail with a typed error when their thread ends, and the next one has another thread', async () => {
    const worker = createPasswordWorker()
    const asked = worker.do({ do: 'hash', password: 'correct horse' })
    await worker.end()
    await assert.rejects(asked, (error) => isGestaError(error, 'overloaded'))
    assert.match(await worker.do({ do: 'hash', password: 'correct horse' }), /^\$argon2id/)
    await worker.end()
  })

  it('that wait when it is disposed of are refused', async () => {
    const passwords = createPasswords({ queueMax: 8 })
    const asked = Promise.allSettled([passwords.hash('one'), passwords.hash('two')])
    await passwords[Symbol.asyncDispose]()
    const [one, two] = await asked
    assert.equal(one.status, 'fulfilled')
    assert.ok(two.status === 'rejected' && isGestaError(two.reason, 'app_stopped'))
    await assert.rejects(passwords.hash('three'), (error) => isGestaError(error, 'app_stopped'))
  })

  it('are hashed behind everything else, and only they are', { skip: process.platform !== 'linux' }, async () => {
    await using passwords = createPasswords({ queueMax: 1 })
    await passwords.hash('correct horse')
    const niceOf = async (task: string): Promise<number> => {
      const stat = await readFile(`/proc/self/task/${task}/stat`, 'utf8')
      // After the name, which may have blanks: the 19th field of all.
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
    }
    const tasks = await readdir('/proc/self/task')
    const main = String(process.pid)
    const own = await niceOf(main)
    const lower = (await Promise.all(tasks.map(niceOf))).filter((nice) => nice > own)
    const { PRIORITY_BELOW_NORMAL: behind } = constants.priority
    assert.deepEqual(lower, own < behind ? [behind] : [])
  })

  it('do not keep a process alive, and are waited for while they are hashed', async () => {
    const module = new URL('../../src/secrets/passwords.ts', import.meta.url).href
    const program = `
      const { createPasswords } = await import(${JSON.stringify(module)})
      console.log((await createPasswords({ queueMax: 1 }).hash('correct horse')).slice(0, 9))`
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--conditions=gesta-source',
      '--input-type=module',
      '--eval',
      program,
    ])
    assert.equal(stdout, '$argon2id\n')
  })
})
