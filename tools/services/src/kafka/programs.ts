// The program of the mock cluster: compiled here from its one file, against the librdkafka of this machine.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { versionOf } from '../own/programs.ts'
import type { Programs } from '../service.ts'

const source = join(import.meta.dirname, 'mock-broker.c')
const header = '/usr/include/librdkafka/rdkafka_mock.h'
const cache = join(import.meta.dirname, '..', '..', '..', '..', 'node_modules', '.cache', 'services')

export const mockBroker = 'mock-broker'

export async function locateMockBroker(way: 'path' | 'npm'): Promise<Programs> {
  if (way === 'npm') throw new Error('no package carries a Kafka broker')
  if (process.platform !== 'linux') throw new Error('the broker of librdkafka is built on Linux alone')
  if (!existsSync(header)) throw new Error(`no ${header}`)
  const folder = await build()
  const version = await versionOf(join(folder, mockBroker))
  return { folder, version: `mock of librdkafka ${version}`, from: 'tools/services/src/kafka/mock-broker.c' }
}

/** The folder of the program. It is built once per version of its source and of the library's header. */
async function build(): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(source)).update(readFileSync(header)).digest('hex')
  const folder = join(cache, `kafka-${hash.slice(0, 16)}`)
  if (existsSync(join(folder, mockBroker))) return folder
  mkdirSync(folder, { recursive: true })
  // Several processes may build it at once: each writes a file of its own, and the last one to move it wins.
  const made = join(folder, `${mockBroker}.${process.pid}`)
  await promisify(execFile)('gcc', ['-O2', '-Wall', '-o', made, source, '-lrdkafka'])
  renameSync(made, join(folder, mockBroker))
  return folder
}
