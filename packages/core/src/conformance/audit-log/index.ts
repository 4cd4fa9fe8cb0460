// The conformance suite of the audit log: what the port promises, as cases that every backend runs.
import { runSuite } from '../suite.ts'
import type { BackendPlace, Capabilities, Suite, TestFunction } from '../suite.ts'
import { chainingCases } from './chaining.ts'
import type { AuditLogCapability, AuditPorts, GivenAuditLog } from './given.ts'
import { lastingCases } from './lasting.ts'
import { listingCases } from './listing.ts'
import { readingCases } from './reading.ts'

export type { BackendPlace, Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { AuditLogCapability, AuditLogCase, AuditPorts, GivenAuditLog } from './given.ts'

/** Every behaviour of the audit log, for runners of one's own. */
export const auditLogSuite: Suite<GivenAuditLog, AuditLogCapability> = {
  name: 'audit log',
  capabilities: ['durable', 'rewriting'],
  cases: [...chainingCases, ...listingCases, ...readingCases, ...lastingCases],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case, with `allowRewriting` if the backend can. */
export function runAuditLogSuite(
  test: TestFunction,
  newPlace: () => Promise<BackendPlace>,
  capabilities: Capabilities<AuditLogCapability>,
): void {
  runSuite(test, auditLogSuite, capabilities, async (run) => {
    const place = await newPlace()
    let backend = await place.open()
    const ports = (): AuditPorts => ({ log: backend.audit, events: backend.events })
    const close = async (): Promise<void> => backend[Symbol.asyncDispose]()
    const reopen = async (): Promise<AuditPorts> => {
      await close()
      backend = await place.open()
      return ports()
    }
    try {
      await run({ ...ports(), reopen, close })
    } finally {
      await close()
      await place.remove()
    }
  })
}
