// Records commands in a log of its own, ten at a time, and prints the last id of each ten when it is acknowledged, until it is killed.
import { sqliteCommandLog } from '../../src/index.ts'
import { oneTo } from '../commits.ts'
import { runtime } from '../place.ts'
import { recordOf } from '../records.ts'

const [path = '', run = ''] = process.argv.slice(2)
const log = await sqliteCommandLog(path).open(runtime)
for (let last = 10; ; last += 10) {
  await log.record(oneTo(10).map((number) => recordOf(`${run}-${last - 10 + number}`)))
  process.stdout.write(`${last}\n`)
}
