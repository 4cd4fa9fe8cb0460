// A process beside the tests that keeps one server and its folder. When the tests are gone, however they ended, it ends
// the server and removes the folder.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FromKeeper, ToKeeper } from './keeper.ts'

const [prefix, lastSignal] = process.argv.slice(2) as [string, NodeJS.Signals]
const folder = mkdtempSync(join(tmpdir(), prefix))
const log = openSync(join(folder, 'log'), 'a')
let running: ChildProcess | undefined

const tell = (message: FromKeeper): void => {
  if (process.connected) process.send?.(message)
}
const removeFolder = (): void => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  process.exit()
}

const ended = (): void => {
  running = undefined
  tell({ ended: true })
  if (!process.connected) removeFolder()
}

process.on('message', (message: ToKeeper) => {
  if ('signal' in message) return running?.kill(message.signal)
  const { program, args, user } = message
  running = spawn(program, args, { stdio: ['ignore', log, log], cwd: folder, ...user })
  running.on('error', ({ message: reason }) => {
    writeSync(log, reason)
    ended()
  })
  return running.on('exit', ended)
})
process.on('disconnect', () => {
  if (running?.kill(lastSignal) !== true) removeFolder()
})
tell({ folder })
