// What a verification found, for people.
import type { Verification } from '@gesta/core/host'
import { counted, grouped } from './numbers.ts'
import { visibleInLine } from './visible.ts'

const shownMax = 160
const before = 40

/** One line when the view is right, and the listed differences when it is not. */
export function verificationText(found: Verification): string {
  const { readModel, modelVersion, generation, position, rows, differences, listed, passedOver } = found
  const passed = passedOver === 0 ? '' : ` ${counted(passedOver, 'event')} parked or discarded, and left out of both.`
  const what = `${readModel} (version ${modelVersion}, generation ${generation}) at position ${grouped(position)}: ${counted(rows, 'row')}`
  if (differences === 0) return `${what}, no difference.${passed}`
  const more = differences > listed.length ? [`  and ${grouped(differences - listed.length)} more`] : []
  return [`${what}, ${counted(differences, 'difference')}.${passed}`, ...listed.map(differenceText), ...more].join('\n')
}

function differenceText({ table, tenant, key, expected, received }: Verification['listed'][number]): string {
  const of = tenant === '' ? '' : ` of tenant "${visibleInLine(tenant)}"`
  const [wanted, given] = shortened(expected, received)
  return `  ${table} "${visibleInLine(key)}"${of}\n    expected  ${wanted}\n    received  ${given}`
}

/** Long texts are cut around the place where they begin to differ: what is alike says nothing. */
function shortened(expected: string | undefined, received: string | undefined): readonly [string, string] {
  if (expected === undefined || received === undefined) return [cut(expected, 0), cut(received, 0)]
  let alike = 0
  while (alike < expected.length && expected[alike] === received[alike]) alike += 1
  const fits = Math.max(expected.length, received.length) <= shownMax
  const from = fits ? 0 : Math.max(0, alike - before)
  return [cut(expected, from), cut(received, from)]
}

function cut(text: string | undefined, from: number): string {
  if (text === undefined) return 'no row'
  const end = from + shownMax
  return `${from > 0 ? '...' : ''}${text.slice(from, end)}${text.length > end ? '...' : ''}`
}
