// A rejection on its way out: its code is declared, its details fit their schema, and it has no other fields.
import type { ContractParts } from '../contracts/contract.ts'
import type { Rejected } from '../contracts/messages.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { parse } from '../schema/parse.ts'

/** The rejection with parsed details: at once, or a promise when the schema is asynchronous. Errors: `invalid_output`. */
export function checkRejection(
  contract: ContractParts,
  { code, reason, details }: Rejected<string, unknown>,
): Rejected<string, unknown> | Promise<Rejected<string, unknown>> {
  const declared = contract.rejections ?? {}
  const option = Object.hasOwn(declared, code) ? declared[code] : undefined
  if (option === undefined) {
    const known = Object.keys(declared).join(', ') || 'none'
    throw new GestaError(
      'invalid_output',
      `Expected a rejection that ${contract.type} declares (${known}), received "${code}".`,
    )
  }
  if (typeof option === 'string') return { rejected: true, code, reason, details }
  const parsed = parse(
    option.details,
    details,
    'invalid_output',
    `the details of the rejection "${code}" of ${contract.type}`,
  )
  const withDetails = (fitting: unknown): Rejected<string, unknown> => ({
    rejected: true,
    code,
    reason,
    details: fitting,
  })
  return parsed instanceof Promise ? parsed.then(withDetails) : withDetails(parsed)
}
