// Follows the log of a store that another process has open, as the part says, and prints what it saw.
import { playFollow } from '@gesta/core/conformance/event-store-contention'
import type { FollowPart, PartReport } from '@gesta/core/conformance/event-store-contention'
import { openForReading } from '../../src/database.ts'
import { createLogReader } from '../../src/log-reader.ts'
import { toEvent } from '../../src/log-rows.ts'
import { runtime } from '../place.ts'

const [path = '', part = ''] = process.argv.slice(2)
const log = createLogReader(openForReading(path))
const source = { readAll: async (read: Parameters<typeof log.readAll>[0]) => log.readAll(read).map(toEvent) }
const report: PartReport = {
  deeds: [],
  followed: await playFollow(JSON.parse(part) as FollowPart, source, runtime.clock),
}
console.log(JSON.stringify(report))
log.close()
