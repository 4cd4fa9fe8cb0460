// Processes that play parts on a store. Each is used again when it has nothing to do, because starting one takes longer than most parts.
import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { after } from 'node:test'
import type { PartReport } from '@gesta/core/conformance/event-store-contention'
import type { PlayRequest } from './children/play.ts'

interface Player {
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  readonly reports: AsyncIterator<string>
}
const players = new Set<Player>()
const idle: Player[] = []
after(() => {
  for (const { child } of players) child.kill('SIGKILL')
})

export async function playElsewhere(request: PlayRequest): Promise<PartReport> {
  const player = idle.pop() ?? start()
  player.child.stdin.write(`${JSON.stringify(request)}\n`)
  const { value, done } = await player.reports.next()
  if (done === true) throw new Error('The process that plays a part ended before it had reported.')
  idle.push(player)
  return JSON.parse(value) as PartReport
}

function start(): Player {
  const path = new URL('children/play.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=gesta-source', path], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.on('error', () => undefined)
  const player = { child, reports: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
  players.add(player)
  return player
}
