// Codes that are mailed to the address of an account. One that nobody is to get is made all the same: an address that has no account takes
// as long as one that has.
import { systemTenant } from '@gesta/core'
import type { Bound } from '../bound.ts'
import { pauseMsMax } from './mail-pause.ts'

const hourMs = 3_600_000
/** None less than `pauseMsMax`: until another mail may be sent, the code of the last one counts. */
const lifetimesMs = { verification: 24 * hourMs, reset: pauseMsMax }
const pretendedMs = 60_000

/** The id of a new code, for the event that makes it count; of one that counts never and is swept soon, unless it is `wanted`. */
export async function issueCode(
  { codes }: Pick<Bound, 'codes'>,
  kind: 'verification' | 'reset',
  account: string,
  wanted: boolean,
): Promise<string> {
  const lifetimeMs = wanted ? lifetimesMs[kind] : pretendedMs
  return (await codes.issue({ tenant: systemTenant, kind, subject: account, lifetimeMs })).id
}
