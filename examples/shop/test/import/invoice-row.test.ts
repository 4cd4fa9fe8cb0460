// How the fields of a row are read: exactly, or not at all.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fieldsOf } from '../../src/import/fields-of.ts'
import { columnNames, columnsOf, pence, readRow, UnreadableRow } from '../../src/import/invoice-row.ts'

const columns = columnsOf(columnNames)
const read = (row: string) => {
  assert(columns)
  return readRow(fieldsOf(row), columns)
}

describe('a row', () => {
  it('is read with its untidiness put right', () => {
    assert.deepEqual(read('c536379,85123a,"  WHITE,  HEART ",-6,2010-12-01 08:26:00,2.55,17850.0, France '), {
      kind: 'row',
      invoiceNo: 'C536379',
      customerId: '17850',
      country: 'France',
      line: { code: '85123A', description: 'WHITE, HEART', quantity: -6, pence: 255, at: '2010-12-01 08:26:00' },
    })
  })
  it('without a customer is a guest’s', () =>
    assert.equal(read('536544,21773,ROSE,1,2010-12-01 14:32:00,2.51,,UK').customerId, null))
  for (const [problem, row] of [
    ['has 7 fields', '536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850'],
    ['InvoiceNo is "A B"', 'A B,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850,UK'],
    ['StockCode is empty', '536365,,HEART,6,2010-12-01 08:26:00,2.55,17850,UK'],
    ['Quantity is "six"', '536365,85123A,HEART,six,2010-12-01 08:26:00,2.55,17850,UK'],
    ['Quantity is "1.5"', '536365,85123A,HEART,1.5,2010-12-01 08:26:00,2.55,17850,UK'],
    ['InvoiceDate is "2011-02-30 08:26:00"', '536365,85123A,HEART,6,2011-02-30 08:26:00,2.55,17850,UK'],
    ['UnitPrice is empty', '536365,85123A,HEART,6,2010-12-01 08:26:00,,17850,UK'],
    ['CustomerID is "x"', '536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,x,UK'],
    ['Country is empty', '536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850,'],
  ] as const) {
    it(`is refused when it ${problem}`, () => {
      assert.throws(
        () => read(row),
        (error) => error instanceof UnreadableRow && error.message.startsWith(problem),
      )
    })
  }
})

describe('pence', () => {
  it('are exact', () => {
    for (const [text, amount] of [
      ['4.95', 495],
      ['0.1', 10],
      ['0.29', 29],
      ['1', 100],
      ['2.550', 255],
      ['-11062.06', -1_106_206],
      ['0.0', 0],
      ['-0.0', 0],
    ] as const)
      assert.equal(pence(text), amount, text)
  })
  it('have no fractions', () => assert.throws(() => pence('0.001'), /fraction of a penny/))
  it('are no other notation', () => {
    for (const text of ['1e3', '.5', '1,5', '£1', 'NaN', '']) assert.throws(() => pence(text), UnreadableRow, text)
  })
})
