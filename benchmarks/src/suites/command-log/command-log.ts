// The command log: what it costs a command, what its own stores take, and how fast they find. Each part can be measured alone, as
// `command-log/<part>`.
import type { Suite } from '../suite.ts'
import { codecs } from './codecs.ts'
import { correlations } from './correlations.ts'
import { instructions } from './instructions.ts'
import { recordLayouts } from './layouts.ts'
import { longLogs } from './long-logs.ts'
import { middleware } from './middleware.ts'
import { oneKey } from './one-key.ts'
import { overhead } from './overhead.ts'
import { records } from './records.ts'
import { sameDatabase } from './same-database.ts'

export const commandLogParts: ReadonlyMap<string, Suite> = new Map([
  ['overhead', overhead],
  ['instructions', instructions],
  ['middleware', middleware],
  ['same-database', sameDatabase],
  ['layouts', recordLayouts],
  ['records', records],
  ['codecs', codecs],
  ['correlations', correlations],
  ['long-logs', longLogs],
  ['one-key', oneKey],
])

export const commandLog: Suite = async function* (settings) {
  for (const part of commandLogParts.values()) yield* part(settings)
}
