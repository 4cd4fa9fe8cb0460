import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import type { ReadModelControl } from '@gesta/core/host'
import type { Running } from '@gesta/core'
import { serve, serveAdmin } from '../../src/index.ts'
import type { AdminOptions } from '../../src/index.ts'
import { operatorAt, operatorOf } from './operator.ts'
import { standIn } from './stand-in.ts'

const model = '/admin/read-models/Order.RevenueByDay'

describe('the admin address', () => {
  test('is off unless it is asked for', async () => {
    await using server = await serve(standIn(), { port: 0 })
    assert.equal(server.adminUrl, undefined)
    assert.equal((await fetch(`${server.url}${model}`)).status, 404)
  })

  test('is another one than that of the app, and serves nothing of it', async () => {
    await using server = await serve(standIn(), { port: 0, admin: { port: 0 } })
    assert.ok(server.adminUrl !== undefined && server.adminUrl !== server.url)
    const operator = operatorAt(server.adminUrl)
    assert.equal((await operator.get(model)).status, 200)
    for (const path of ['/docs', '/healthz', '/api/queries/Order.Get'])
      assert.equal((await operator.get(path)).status, 404)
    assert.equal((await operatorAt(server.url).get(model)).status, 404)
  })

  test('can be all that a process serves', async () => {
    await using operator = await operatorOf(standIn())
    assert.equal((await operator.get(model)).status, 200)
  })

  test('is refused for an address that others reach', async () => {
    for (const host of ['0.0.0.0', '::', 'localhost', '127.0.0.2', '10.0.0.1', '']) {
      const admin = { port: 0, host } as AdminOptions
      const sentence = /expected host to be 127\.0\.0\.1 or ::1, received ".*": the admin address believes whoever asks/
      await assert.rejects(serve(standIn(), { port: 0, admin }), sentence)
      await assert.rejects(serveAdmin(standIn(), admin), sentence)
    }
  })

  test('is refused with options that it does not have, or out of bounds', async () => {
    const admin = (options: unknown): Promise<unknown> =>
      serve(standIn(), { port: 0, admin: options as { port: number } })
    await assert.rejects(admin({ prot: 1 }), /serve\(\{ admin \}\) has no option "prot"\. Did you mean "port"\?/)
    await assert.rejects(admin({ port: 70_000 }), /expected port to be a whole number from 0 to 65535/)
    await assert.rejects(
      admin('yes'),
      /expected admin to be true or \{ port, host, authenticate, metrics \}, received yes/,
    )
    await assert.rejects(serveAdmin(standIn(), { prot: 1 } as AdminOptions), /serveAdmin has no option "prot"/)
    await assert.rejects(serveAdmin(standIn(), { requestTimeoutMs: 1 }), /serveAdmin: expected requestTimeoutMs/)
    await assert.rejects(serveAdmin({} as Running<string, string>), /Expected a started app/)
  })

  test('that cannot be had leaves nothing open', async () => {
    await using taken = await operatorOf(standIn())
    const port = Number(new URL(taken.url).port)
    await assert.rejects(serve(standIn(), { port: 0, admin: { port } }), { code: 'EADDRINUSE' })
    await assert.rejects(serve(standIn(), { port, admin: { port: 0 } }), { code: 'EADDRINUSE' })
  })

  test('ends with the server: what is in flight is finished, and nothing more is taken', async () => {
    const stopping = gated()
    const server = await serve(standIn({ stop: stopping.work }), { port: 0, admin: { port: 0 } })
    const operator = operatorAt(server.adminUrl as string)
    const answered = operator.post(model, { action: 'stop' })
    await stopping.entered
    const disposed = server[Symbol.asyncDispose]()
    stopping.open()
    const { status, headers } = await answered
    assert.deepEqual([status, headers['connection']], [200, 'close'])
    await disposed
    await assert.rejects(operator.get(model), { code: 'ECONNREFUSED' })
  })

  // Without the time-out of the test, the server's own would end the wait and hide it.
  test('waits at the end for nobody who sent nothing', { timeout: 30_000 }, async () => {
    const server = await serve(standIn(), { port: 0, admin: { port: 0 }, shutdownTimeoutMs: 60_000 })
    const silent = connect(Number(new URL(server.adminUrl as string).port), '127.0.0.1')
    await once(silent, 'connect')
    silent.resume()
    await Promise.all([once(silent, 'close'), server[Symbol.asyncDispose]()])
  })
})

/** Work that waits until it is let through. */
function gated(): { readonly entered: Promise<void>; open(): void; readonly work: ReadModelControl['stop'] } {
  const entered = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  const work = (): Promise<void> => {
    entered.resolve()
    return opened.promise
  }
  return { entered: entered.promise, open: opened.resolve, work }
}
