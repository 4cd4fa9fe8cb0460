import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import test from 'node:test'
import { createKeeper } from '../../src/own/keeper.ts'
import { until } from '../until.ts'

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('when the tests are killed, what they started ends and its folder is removed', async () => {
  const child = spawn(process.execPath, [new URL('keep.ts', import.meta.url).pathname], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { folder, pid } = JSON.parse(line) as { folder: string; pid: number }
  assert.ok(existsSync(folder))
  assert.ok(isAlive(pid))
  child.kill('SIGKILL')
  await until('the program ended', () => !isAlive(pid))
  await until('the folder is gone', () => !existsSync(folder))
})

test('a program that does not exist has ended, and the log says why', async () => {
  await using keeper = await createKeeper('gesta-kept-', 'SIGKILL')
  await keeper.during(keeper.run({ program: 'no-such-program', args: [] }).ended)
  assert.match(keeper.log(), /no-such-program ENOENT/)
})

test('disposed, it removes the folder', async () => {
  const keeper = await createKeeper('gesta-kept-', 'SIGKILL')
  assert.ok(existsSync(keeper.folder))
  await keeper[Symbol.asyncDispose]()
  assert.ok(!existsSync(keeper.folder))
})
