// What every read-model store refuses to look for: texts that no row can hold as a key or field and that backends treat differently.
import { GestaError } from '../../errors/gesta-error.ts'
import type { RowFilter, RowKey, RowRange } from './read-model-store.ts'

/** Throws when the ends of a range are no text that a key can be compared with. Errors: `invalid_key`. */
export function checkRange({ from, to }: RowRange): void {
  if (from !== undefined) checkText(from, 'start of the range')
  if (to !== undefined) checkText(to, 'end of the range')
}

/** Throws when a path has a step that cannot be compared with a field's name. Errors: `invalid_key`. */
export function checkFilter({ equals, orderBy }: RowFilter): void {
  for (const { path } of equals) for (const step of path) checkText(step, 'step of the path')
  for (const step of orderBy ?? []) checkText(step, 'step of the path')
}

/** Throws when a scan is to go on after what no row can be kept under. Errors: `invalid_key`. */
export function checkScan(after: RowKey | undefined): void {
  if (after === undefined) return
  checkText(after.tenant, 'tenant to scan on from')
  checkText(after.key, 'key to scan on from')
}

function checkText(text: string, what: string): void {
  if (text.isWellFormed() && !text.includes('\0')) return
  throw new GestaError(
    'invalid_key',
    `Expected the ${what} to be well-formed text without NUL, received other characters. Ask with the text of a key or field.`,
    { facts: { what } },
  )
}
