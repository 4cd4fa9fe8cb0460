// Kills the importer, and the server under it, in the middle of an import; run again, it must end as if nothing had been.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { into } from '../../src/import/in-process.ts'
import { runImport } from '../../src/import/run-import.ts'
import { openShop } from '../../src/open-shop.ts'
import { shop } from '../../src/shop.ts'
import { viewsOf } from '../views.ts'
import { writeCopies } from './copies.ts'
import { script, temporaryFolder } from './script.ts'
import type { Script } from './script.ts'

async function undisturbed(file: string): Promise<string> {
  await using running = await shop.start({ role: 'web' })
  await runImport({ file, target: into(running, 'memory') })
  return await viewsOf(running, file)
}

/** Resolves in the middle of an import: when it has printed that it is this far. */
async function isAt(importing: Script, percent: number): Promise<void> {
  while (![...importing.printed.stderr.matchAll(/^ *(\d+) %/gm)].some(([, at]) => Number(at) >= percent)) {
    if (importing.over())
      throw new Error(`The import ended before it was at ${percent} %:\n${importing.printed.stderr}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('an import that is killed', () => {
  it('is finished by the next one, with the same views', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'copies.csv')
    await writeCopies(file, 6)
    const importing = () => script('import/main.ts', [file, '--data-dir', folder.path])
    for (const percent of [10, 50, 80]) {
      const killed = importing()
      await isAt(killed, percent)
      killed.child.kill('SIGKILL')
      assert.equal(await killed.ended, 'SIGKILL')
    }
    const last = importing()
    assert.equal(await last.ended, 0, last.printed.stderr)
    await using running = await openShop(folder.path)
    assert.equal(await viewsOf(running, file), await undisturbed(file))
  })

  it('goes on by itself when its server is killed and comes back', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'copies.csv')
    await writeCopies(file, 6)
    const serving = (port: string) => script('serve.ts', [], { DATA_DIR: folder.path, SHOP_SAMPLE: 'no', PORT: port })
    let server = serving('0')
    const [, url = ''] = await server.prints(/open: (http:\S+)/)
    const importing = script('import/main.ts', [file, '--url', url])
    for (const percent of [10, 50]) {
      await isAt(importing, percent)
      server.child.kill('SIGKILL')
      assert.equal(await server.ended, 'SIGKILL')
      assert.equal(importing.over(), false)
      server = serving(new URL(url).port)
      await server.prints(/open: /)
    }
    assert.equal(await importing.ended, 0, importing.printed.stderr)
    server.child.kill('SIGTERM')
    assert.equal(await server.ended, 0, server.printed.stderr)
    await using running = await openShop(folder.path)
    assert.equal(await viewsOf(running, file), await undisturbed(file))
  })
})
