// The checksum of a migration: whether what was applied is what this version has.
import { hash } from 'node:crypto'
import type { Migration } from './migration.ts'

/** SHA-256 in hexadecimal. Line ends count as LF, because a checkout on another system may change them and means nothing by it. */
export function checksumOf({ statements }: Pick<Migration, 'statements'>): string {
  return hash('sha256', JSON.stringify(statements.map((text) => text.replaceAll('\r\n', '\n'))), 'hex')
}
