// The hash chain of a tenant's audit log. Stores compute it under the head lock, in whatever language they have; this is its definition.
import { hash } from 'node:crypto'
import type { StoredAuditEntry } from './audit-log.ts'

/** The hash before the first entry. */
export const chainStart: string = '0'.repeat(64)

/**
 * SHA-256 in hexadecimal over these texts in UTF-8, each after its length in bytes as four bytes, the highest first: `gesta-audit-1`,
 * tenant, sequence, command id, index, recordedAt, action, actor, resource, outcome, data, and the hash before in hexadecimal. Numbers are
 * decimal.
 */
export function chainHash(entry: Omit<StoredAuditEntry, 'hash'>, before: string): string {
  const { tenant, sequence, commandId, index, recordedAt, action, actor, resource, outcome, data } = entry
  const numbers = [String(sequence), commandId, String(index), String(recordedAt)]
  const texts = ['gesta-audit-1', tenant, ...numbers, action, actor, resource, outcome, data, before]
  const parts = texts.flatMap((text) => {
    const bytes = Buffer.from(text, 'utf8')
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return [length, bytes]
  })
  return hash('sha256', Buffer.concat(parts), 'hex')
}
