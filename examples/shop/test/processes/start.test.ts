// `npm start`: what it prints, that the calls which it prints work, and that it stops and starts again in order.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { callsToTry } from '../../src/to-try.ts'
import { script, temporaryFolder } from './script.ts'

/** Runs a printed call in a shell, as the reader would. */
function answerOf(call: string): { readonly [field: string]: unknown } {
  const { stdout, stderr, status } = spawnSync('sh', ['-c', `${call} --silent --show-error`], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout) as { readonly [field: string]: unknown }
}

describe('npm start', () => {
  it('loads the sample once, prints calls that work, and stops on SIGTERM', async () => {
    await using folder = await temporaryFolder()
    const env = { DATA_DIR: folder.path, PORT: '0' }
    const first = script('serve.ts', [], env)
    const [, url = ''] = await first.prints(/open: (http:\S+)/)
    assert.match(first.printed.stdout, /Loaded the sample into .*: 455 invoices accepted, 48 rejected\./)
    await first.prints(/Stop with Ctrl-C/)

    const calls = callsToTry(url)
    for (const call of calls) assert(first.printed.stdout.includes(call), call)
    const [revenue = '', orders = '', order = ''] = calls
    assert.equal((answerOf(revenue)['days'] as unknown[]).length > 10, true)
    assert.equal((answerOf(orders)['orders'] as unknown[]).length, 5)
    assert.deepEqual(answerOf(order)['result'], { totalPence: 1_530, soldAt: '2011-12-09 12:50:00', events: 2 })
    const again = answerOf(order)
    assert.deepEqual([again['code'], again['status']], ['already_recorded', 422])

    first.child.kill('SIGTERM')
    assert.equal(await first.ended, 0, first.printed.stderr)

    const second = script('serve.ts', [], env)
    const [, nextUrl = ''] = await second.prints(/open: (http:\S+)/)
    assert.doesNotMatch(second.printed.stdout, /Loaded/)
    const shown = (await (await fetch(`${nextUrl}/orders/581588`)).json()) as { readonly totalPence: number }
    assert.equal(shown.totalPence, 1_530)
    second.child.kill('SIGINT')
    assert.equal(await second.ended, 0, second.printed.stderr)
  })

  it('says what to do when port or file are taken', async () => {
    await using folder = await temporaryFolder()
    await using other = await temporaryFolder()
    const first = script('serve.ts', [], { DATA_DIR: folder.path, PORT: '0' })
    const [, url = ''] = await first.prints(/open: (http:\S+)/)
    const port = new URL(url).port

    const samePort = script('serve.ts', [], { DATA_DIR: other.path, PORT: port })
    assert.equal(await samePort.ended, 1)
    assert.equal(
      samePort.printed.stderr,
      `Port ${port} is taken by another process. Stop it, or choose another port: PORT=3005 npm start\n`,
    )
    const sameFile = script('serve.ts', [], { DATA_DIR: folder.path, PORT: '0' })
    assert.equal(await sameFile.ended, 1)
    assert.match(sameFile.printed.stderr, /choose another folder: DATA_DIR=/)
    const noPort = script('serve.ts', [], { DATA_DIR: other.path, PORT: 'http' })
    assert.equal(await noPort.ended, 1)
    assert.match(noPort.printed.stderr, /^Expected PORT to be a number from 0 to 65535, received "http"\.\n$/)
  })
})
