// Insists that calls are refused, each with the code that the port promises.
import assert from 'node:assert/strict'
import type { ErrorCode } from '../errors/codes.ts'
import { isGestaError } from '../errors/gesta-error.ts'

/** Throws an assertion error unless every call rejects with this code. */
export async function refused(code: ErrorCode, calls: readonly Promise<unknown>[]): Promise<void> {
  for (const [index, result] of (await Promise.allSettled(calls)).entries()) {
    if (result.status === 'fulfilled') assert.fail(`Expected ${code} of call ${index}, but it succeeded.`)
    assert.ok(isGestaError(result.reason, code), `Expected ${code} of call ${index}, received ${String(result.reason)}`)
  }
}
/** Keys that no store keeps. The empty text is one too, except as a tenant. */
export const badKeys: readonly string[] = ['', 'a\0', '\0', 'a\ud800', '\udc00', 'x'.repeat(513), 'x'.repeat(10_000)]
