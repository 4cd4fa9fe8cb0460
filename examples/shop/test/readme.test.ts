// The README's rule table says what the tests pin, and names every rejection code that the contracts have.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { giveBack, place } from '../src/order/contracts.ts'
import { pinnedFullFile, pinnedSample } from './pinned-counts.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** Name, sample and full file of the rows under a heading. */
function rowsUnder(heading: string): (readonly [name: string, sample: number, full: number])[] {
  const [, section = ''] = readme.split(`### ${heading}\n`)
  const [table = ''] = section.split('\n#', 1)
  const rows = table.split('\n').filter((line) => /^\|.*\d \|$/.test(line))
  return rows.map((row) => {
    const cells = row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll(/[`,]/g, ''))
    return [cells[0] ?? '', Number(cells.at(-2)), Number(cells.at(-1))]
  })
}
function pins(of: 'accepted' | 'rejected', names: readonly string[]) {
  return names.map((name) => [name, pinnedSample[of][name] ?? 0, pinnedFullFile[of][name] ?? 0])
}

describe('the README', () => {
  it('has the pinned counts of what is accepted', () => {
    const rows = rowsUnder('Accepted')
    assert.deepEqual(
      rows,
      pins(
        'accepted',
        rows.map(([name]) => name),
      ),
    )
    for (const name of Object.keys(pinnedFullFile.accepted))
      assert(
        rows.some(([row]) => row === name),
        name,
      )
  })
  it('has the pinned counts of what is rejected, for every code of the contracts', () => {
    const rows = rowsUnder('Rejected')
    assert.deepEqual(
      rows,
      pins(
        'rejected',
        rows.map(([name]) => name),
      ),
    )
    const codes = [place, giveBack].flatMap((contract) =>
      'rejections' in contract ? Object.keys(contract.rejections as object) : [],
    )
    assert.deepEqual(rows.map(([name]) => name).toSorted(), [...new Set(codes)].toSorted())
  })
})
