import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { runSuite } from '@gesta/core/conformance/command-log'
import { fileCommandLog } from './file-command-log.ts'

const newPlace = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'command-log-'))
  return {
    open: () => fileCommandLog(join(folder, 'commands.log')),
    remove: () => rm(folder, { recursive: true }),
  }
}
runSuite(test, newPlace, { durable: true, shared: 'one process writes the file' })
