// How rows become invoices, and that no row that cannot be read is lost or takes others with it.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { columnNames } from '../../src/import/invoice-row.ts'
import { readInvoices } from '../../src/import/read-invoices.ts'
import { NotInvoices } from '../../src/import/read-rows.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shop-read-'))
})
after(() => rm(folder, { recursive: true }))

const row = (invoiceNo: string, given: { quantity?: string; description?: string; customer?: string } = {}): string =>
  `${invoiceNo},22914,${given.description ?? 'RACK'},${given.quantity ?? '3'},2010-12-01 08:34:00,4.95,${given.customer ?? '13047.0'},UK`

async function read(text: string): Promise<string[]> {
  const file = join(folder, 'invoices.csv')
  await writeFile(file, text)
  const entries: string[] = []
  for await (const entry of readInvoices(file)) {
    if (entry.kind === 'invoice') entries.push(`${entry.invoiceNo}: ${entry.lines.length}`)
    else entries.push(`line ${entry.lineNumber}: ${entry.invoiceNo} ${entry.problem}`)
  }
  return entries
}
const table = (...rows: string[]): string => [columnNames.join(','), ...rows, ''].join('\n')

describe('rows become invoices', () => {
  it('by their number, when they are neighbours', async () => {
    assert.deepEqual(await read(table(row('1'), row('1'), row('2'), row('1'))), ['1: 2', '2: 1', '1: 1'])
  })
  it('with a byte order mark, other line ends, empty lines and no last line end', async () => {
    const text = `\uFEFF${table(row('1'), '', row('1'), row('2'))}`.replaceAll('\n', '\r\n').trimEnd()
    assert.deepEqual(await read(text), ['1: 2', '2: 1'])
  })
  it('not at all in a table without rows', async () => assert.deepEqual(await read(table()), []))
})

describe('what cannot be read', () => {
  it('spoils its whole invoice, and that one alone', async () => {
    const rows = [
      row('1'),
      row('2'),
      row('2', { quantity: 'many' }),
      row('2', { quantity: 'more' }),
      row('2'),
      row('3'),
    ]
    assert.deepEqual(await read(table(...rows)), ['1: 1', 'line 4: 2 Quantity is "many", not a whole number', '3: 1'])
  })
  it('leaves the invoice around it alone when it has no number', async () => {
    const problem = 'line 3: undefined InvoiceNo is "total", not a number after at most one letter'
    assert.deepEqual(await read(table(row('1'), 'total,,,,,,,', row('1'))), [problem, '1: 2'])
  })
  it('is a quote that is never closed, which does not swallow the invoices behind it', async () => {
    const [first, second, third] = await read(table(row('1'), row('2', { description: '"RACK' }), row('3')))
    assert.deepEqual([first, third], ['1: 1', '3: 1'])
    assert.match(String(second), /^line 3: 2 Quote Not Closed/)
  })
  it('is an invoice with two customers', async () => {
    assert.deepEqual(await read(table(row('1'), row('1', { customer: '2' }))), [
      'line 3: 1 names another customer or country than the lines before it',
    ])
  })
})

describe('a file that is no table of invoices', () => {
  it('is refused with the columns that were expected', async () => {
    await assert.rejects(
      read('a,b\n1,2\n'),
      (error) => error instanceof NotInvoices && /InvoiceNo.*"a,b"/.test(error.message),
    )
    await assert.rejects(read(''), NotInvoices)
  })
})
