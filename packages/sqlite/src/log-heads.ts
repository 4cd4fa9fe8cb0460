// Where the log and its streams end, as the writer knows it. The writer is the only one that appends (owner-lock.ts), so what it
// has seen stays true until it writes itself; whatever it rolls back is forgotten and read again.
import type { StreamName } from '@gesta/core/ports'
import { firstRow, prepareRows } from './database.ts'
import type { Database } from './database.ts'
import { readHead, readLastCommit, readVersion } from './log-rows.ts'

interface Heads {
  readonly commitNo: number
  readonly position: number
}
export interface LogHeads {
  /** The last commit number and position. */
  readonly last: Heads
  /** The version of a stream; 0 when it does not exist. */
  versionOf(tenant: string, stream: StreamName): number
  /** The stream was appended to. */
  moved(tenant: string, stream: StreamName, version: number): void
  /** The log was appended to. */
  grew(last: Heads): void
  /** Forgets everything, after a transaction that was rolled back. */
  forget(): void
}

/** Streams whose versions are kept; beyond it they are read again. */
const streamsMax = 50_000

export function createLogHeads(db: Database): LogHeads {
  const findHead = prepareRows(db, readHead)
  const findLastCommit = prepareRows(db, readLastCommit)
  const findVersion = prepareRows(db, readVersion)
  const versions = new Map<string, number>()
  let known: Heads | undefined

  const keyOf = (tenant: string, { aggregateType, aggregateId }: StreamName): string =>
    `${tenant}\0${aggregateType}\0${aggregateId}`
  const keep = (key: string, version: number): void => {
    if (versions.size >= streamsMax) versions.clear()
    versions.set(key, version)
  }
  return {
    get last() {
      known ??= { commitNo: Number(firstRow(findLastCommit)?.[0]), position: Number(firstRow(findHead)?.[0]) }
      return known
    },
    versionOf: (tenant, stream) => {
      const key = keyOf(tenant, stream)
      let version = versions.get(key)
      if (version === undefined) {
        version = Number(firstRow(findVersion, tenant, stream.aggregateType, stream.aggregateId)?.[0])
        keep(key, version)
      }
      return version
    },
    moved: (tenant, stream, version) => keep(keyOf(tenant, stream), version),
    grew: (last) => {
      known = last
    },
    forget: () => {
      versions.clear()
      known = undefined
    },
  }
}
