// A run of the whole test command: finds the servers that its files need, once, and tidies up behind all of them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findPrograms, findServer } from '../find.ts'
import { kafka } from '../kafka/kafka.ts'
import { nats } from '../nats/nats.ts'
import { postgres } from '../postgres/postgres.ts'
import { redis } from '../redis/redis.ts'
import type { Service } from '../service.ts'
import { had, readyFile, runVariable } from './access.ts'
import type { Ready, SharedServer } from './access.ts'
import { needsOf } from './needs.ts'
import { readLines, suitesFile, usesFile } from './record.ts'
import { newRunFolder } from './run-folder.ts'
import { reportOf } from './report.ts'
import type { Report } from './report.ts'

/** A service that is added here can be asked for by tests. */
const services: readonly Service[] = [postgres, redis, kafka, nats]

export interface TestRun extends AsyncDisposable {
  /** What the test files find in their environment. */
  readonly environment: Readonly<Record<string, string>>
  /** Options of `node --test` that write down which suites run. */
  readonly options: readonly string[]
  report(): Report
}

/** `files` are paths from `root`. */
export async function openTestRun(files: readonly string[], root: string): Promise<TestRun> {
  await using opened = new AsyncDisposableStack()
  const allReady = []
  for (const service of services) allReady.push({ service, ready: await makeReady(service, files, root, opened) })
  const { folder } = opened.use(newRunFolder())
  for (const { service, ready } of allReady) writeFileSync(readyFile(folder, service), JSON.stringify(ready))
  const kept = opened.move()
  return {
    environment: { [runVariable]: folder },
    options: [
      `--test-reporter=${join(import.meta.dirname, 'suites-reporter.ts')}`,
      `--test-reporter-destination=${suitesFile(folder)}`,
    ],
    report: () => reportOf(readLines(suitesFile(folder)), readLines(usesFile(folder))),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

async function makeReady(
  service: Service,
  files: readonly string[],
  root: string,
  opened: AsyncDisposableStack,
): Promise<Ready> {
  const needs = needsOf(service.name, files, root)
  const share = async (): Promise<SharedServer> => {
    const { url, description } = opened.use(await findServer(service))
    const run = opened.use(await service.openRun(url))
    return { url, description, run: run.id }
  }
  return {
    server: needs.server ? await had(share()) : undefined,
    programs: needs.programs ? await had(findPrograms(service)) : undefined,
  }
}
