// Kills the importer, and the server under it, in the middle of an import; run again, it must end as if nothing had been.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { into } from '../../src/import/in-process.ts'
import { runImport } from '../../src/import/run-import.ts'
import { sampleFile } from '../../src/load-sample.ts'
import { openShop } from '../../src/open-shop.ts'
import { shop } from '../../src/shop.ts'
import { viewsOf } from '../views.ts'
import { script, temporaryFolder } from './script.ts'
import type { Script } from './script.ts'

const file = process.env['SHOP_DATA'] || sampleFile
const percents = [10, 40, 70]

async function undisturbed(): Promise<string> {
  await using running = await shop.start({ role: 'web' })
  await runImport({ file, target: into(running, 'memory') })
  return viewsOf(running, file)
}

/** Kills when the progress line of this percentage is printed. */
async function killAt({ child, printed, ended }: Script, victim: Script['child'], percent: number): Promise<void> {
  let over = false
  void ended.then(() => (over = true))
  while (!new RegExp(`^ *${percent} %`, 'm').test(printed.stderr)) {
    if (over) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  victim.kill('SIGKILL')
  if (victim === child) assert.equal(await ended, 'SIGKILL')
}

describe('an import that is killed', () => {
  it('is finished by the next one, with the same views', async () => {
    await using folder = await temporaryFolder()
    const importing = () => script('import/main.ts', [file, '--data-dir', folder.path, '--concurrency', '8'])
    for (const percent of percents) {
      const killed = importing()
      await killAt(killed, killed.child, percent)
    }
    const last = importing()
    assert.equal(await last.ended, 0, last.printed.stderr)
    await using running = await openShop(folder.path)
    assert.equal(await viewsOf(running, file), await undisturbed())
  })

  it('goes on by itself when its server is killed and comes back', async () => {
    await using folder = await temporaryFolder()
    const env = { DATA_DIR: folder.path, SHOP_SAMPLE: 'no' }
    let server = script('serve.ts', [], { ...env, PORT: '0' })
    const [, url = ''] = await server.prints(/open: (http:\S+)/)
    const importing = script('import/main.ts', [file, '--url', url, '--concurrency', '8'])
    for (const percent of percents) {
      await killAt(importing, server.child, percent)
      assert.equal(await server.ended, 'SIGKILL')
      server = script('serve.ts', [], { ...env, PORT: new URL(url).port })
      await server.prints(/open: /)
    }
    assert.equal(await importing.ended, 0, importing.printed.stderr)
    server.child.kill('SIGTERM')
    assert.equal(await server.ended, 0, server.printed.stderr)
    await using running = await openShop(folder.path)
    assert.equal(await viewsOf(running, file), await undisturbed())
  })
})
