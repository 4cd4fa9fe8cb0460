// The command `shop:import` as people run it: what it prints, and the exit code of every way in which it ends.
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { sampleFile } from '../../src/load-sample.ts'
import { openShop } from '../../src/open-shop.ts'
import { script, temporaryFolder } from './script.ts'

const importing = (...args: string[]) => script('import/main.ts', args)

describe('shop:import', () => {
  it('imports a file, and adds nothing the second time', async () => {
    await using folder = await temporaryFolder()
    const first = importing(sampleFile, '--data-dir', folder.path)
    assert.equal(await first.ended, 0, first.printed.stderr)
    assert.match(first.printed.stdout, /^503 invoices in [\d.]+ s \([\d,]+ per second\)$/m)
    assert.match(first.printed.stdout, /^ {2}accepted +455 {2}447 sales, 8 returns$/m)
    assert.match(first.printed.stdout, /^ {2}rejected +48$/m)
    assert.match(first.printed.stdout, /^ {4}guest_return +1 {2}The credit note names no customer/m)
    assert.match(first.printed.stdout, /^ {2}new events +868$/m)
    assert.match(first.printed.stderr, /^ *\d+ % .*invoices.*per second$/m)

    const second = importing(sampleFile, '--data-dir', folder.path)
    assert.equal(await second.ended, 0)
    assert.match(second.printed.stdout, /^ {2}accepted +455 {2}447 sales, 8 returns$/m)
    assert.match(second.printed.stdout, /^ {2}new events +0 {2}everything was recorded before$/m)
  })

  it('goes on behind rows that cannot be read, names them, and says so with exit code 6', async () => {
    await using folder = await temporaryFolder()
    const [header, one = '', two = '', ...rest] = (await readFile(sampleFile, 'utf8')).split('\n')
    const file = join(folder.path, 'broken.csv')
    await writeFile(
      file,
      [header, one.replace(/,(\d+),2010/, ',many,2010'), `${two},more`, 'nonsense', ...rest].join('\n'),
    )
    const broken = importing(file, '--data-dir', folder.path)
    assert.equal(await broken.ended, 6)
    assert.match(broken.printed.stderr, /^line 2: invoice \d+ Quantity is "many", not a whole number$/m)
    assert.match(broken.printed.stderr, /^line 4: invoice without a number InvoiceNo is "nonsense"/m)
    assert.match(broken.printed.stdout, /^ {2}unreadable +3 {2}no command was sent for these$/m)
  })
})

describe('shop:import ends with a sentence and a code', () => {
  const ends = async (code: number, sentence: RegExp, ...args: string[]) => {
    const run = importing(...args)
    assert.equal(await run.ended, code, run.printed.stderr)
    assert.match(run.printed.stderr, sentence)
    assert.doesNotMatch(run.printed.stderr, /\n {4}at /)
  }
  it('2 when the command line is wrong', async () => {
    await ends(2, /^Expected one FILE, received none\.\n\nUsage:/)
    await ends(
      2,
      /^Expected --concurrency to be a whole number from 1 to 1024, received "0"/,
      'x.csv',
      '--concurrency',
      '0',
    )
    await ends(2, /^Unknown option '--uri'/, 'x.csv', '--uri', 'y')
    await ends(2, /^Expected --url to be an address/, 'x.csv', '--url', 'localhost')
  })
  it('3 when there is no such file, or it is no table of invoices', async () => {
    await using folder = await temporaryFolder()
    await ends(3, /ENOENT: no such file/, join(folder.path, 'missing.csv'), '--data-dir', folder.path)
    await ends(3, /^Expected a first line with the columns InvoiceNo/, import.meta.filename, '--data-dir', folder.path)
  })
  it('4 when another process has the store open', async () => {
    await using folder = await temporaryFolder()
    await using shop = await openShop(folder.path)
    await ends(4, /go through it: --url http/, sampleFile, '--data-dir', folder.path)
    await shop.caughtUp()
  })
  it('5 when no server answers', async () => {
    await ends(
      5,
      /did not decide invoice C?\d+ within 1 s: .*Run the same import again/,
      sampleFile,
      '--url',
      'http://127.0.0.1:9',
      '--patience',
      '1',
    )
  })
  it('130 when it is interrupted, after counting what was in flight', async () => {
    await using folder = await temporaryFolder()
    const interrupted = importing(sampleFile, '--data-dir', folder.path, '--concurrency', '1')
    await interrupted.prints(/^Importing/m)
    interrupted.child.kill('SIGINT')
    assert.equal(await interrupted.ended, 130, interrupted.printed.stderr)
    assert.match(interrupted.printed.stdout, /new events[^]*Interrupted\. Run the same import again/)
  })
  it('0 when help is asked for', async () => {
    const help = importing('--help')
    assert.equal(await help.ended, 0)
    assert.match(help.printed.stdout, /^Usage: npm run shop:import -- FILE/)
  })
})
