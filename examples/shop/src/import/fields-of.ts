// The fields of one row. A row is one line: a quote that is never closed spoils its own row, not the invoices behind it.
import { parse } from 'csv-parse/sync'

/** Errors: csv-parse's own, which say what is wrong with the quotes. */
export function fieldsOf(row: string): readonly string[] {
  // Nearly all rows have no quotes; a parser for each of them would cost more than everything else of the reading.
  if (!row.includes('"')) return row.split(',')
  const [fields = []] = parse(row, { relax_column_count: true })
  return fields
}
