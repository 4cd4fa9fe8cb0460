// An import through a running server, also one that loses answers or does not answer at all.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { describe, it } from 'node:test'
import { serve } from '@gesta/http'
import { into } from '../../src/import/in-process.ts'
import { runImport } from '../../src/import/run-import.ts'
import { GaveUp } from '../../src/import/send-until-decided.ts'
import { server as serverTarget } from '../../src/import/server.ts'
import { sampleFile } from '../../src/load-sample.ts'
import { shop } from '../../src/shop.ts'
import { countsOf, pinnedCounts } from '../counts-of.ts'
import { pinnedSample } from '../pinned-counts.ts'
import { viewsOf } from '../views.ts'

describe('an import through a server', () => {
  it('comes to the same counts and views as one without, and adds nothing the second time', async () => {
    await using running = await shop.start({ role: 'web' })
    await using http = await serve(running, { port: 0 })
    const target = serverTarget(http.url)
    assert.deepEqual(countsOf(await runImport({ file: sampleFile, target })), pinnedCounts(pinnedSample))
    assert.deepEqual(countsOf(await runImport({ file: sampleFile, target })), {
      ...pinnedCounts(pinnedSample),
      events: 0,
    })

    await using other = await shop.start({ role: 'web' })
    await runImport({ file: sampleFile, target: into(other, 'memory') })
    assert.equal(await viewsOf(running, sampleFile), await viewsOf(other, sampleFile))
  })

  it('counts every event once when answers are lost', async () => {
    await using running = await shop.start({ role: 'web' })
    await using http = await serve(running, { port: 0 })
    let requests = 0
    // Every seventh connection is cut when the answer comes: the command is stored, and nobody knows.
    const proxy = createTcpServer((socket) => {
      const behind = connect(Number(new URL(http.url).port), '127.0.0.1')
      const cut = ++requests % 7 === 0
      socket.on('error', () => behind.destroy()).pipe(behind)
      behind.on('error', () => socket.destroy())
      if (cut) behind.once('data', () => socket.destroy())
      else behind.pipe(socket)
      socket.on('close', () => behind.destroy())
    })
    const url = await listening(proxy)
    const target = serverTarget(url)
    assert.deepEqual(countsOf(await runImport({ file: sampleFile, target })), pinnedCounts(pinnedSample))
    assert(requests > 7, `only ${requests} connections`)
    proxy.close()
  })

  it('gives up after its patience, and says what to do', async () => {
    const free = createTcpServer()
    const url = await listening(free)
    await new Promise((resolve) => free.close(resolve))
    const importing = runImport({ file: sampleFile, target: serverTarget(url), patienceMs: 100 })
    await assert.rejects(
      importing,
      (error) => error instanceof GaveUp && /invoice C?\d+ within 0.1 s.*Run the same import again/.test(error.message),
    )
  })

  it('fails at once when something else answers', async () => {
    const stranger = createServer((_, response) => response.writeHead(404).end('no'))
    const url = await listening(stranger)
    await assert.rejects(
      runImport({ file: sampleFile, target: serverTarget(url) }),
      /answers, but it is no server of this shop/,
    )
    stranger.close()
  })
})

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
