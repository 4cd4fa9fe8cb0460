// The side stores there are: which file holds what. A name here is the ending of a file's name, `<path>.<name>`, but for those
// that lie at a path of their own.
import { cacheFile } from './cache-file.ts'
import type { CacheOperations } from './cache-file.ts'
import { credentialFile } from './credential-file.ts'
import type { CredentialOperations } from './credential-file.ts'
import { recordFile } from './record-file.ts'
import type { RecordOperations } from './record-file.ts'
import { dataFile } from './data-file.ts'
import type { DataOperations } from './data-file.ts'
import { keyFile } from './key-file.ts'
import type { KeyOperations } from './key-file.ts'
import { leaseFile } from './lease-file.ts'
import type { LeaseOperations } from './lease-file.ts'
import { logFile } from './log-file.ts'
import type { LogOperations } from './log-file.ts'
import { seenFile } from './seen-file.ts'
import type { SeenOperations } from './seen-file.ts'
import type { SideFile } from './side-file.ts'
import { snapshotFile } from './snapshot-file.ts'
import type { SnapshotOperations } from './snapshot-file.ts'

export interface SideFiles {
  readonly snapshots: SideFile<SnapshotOperations>
  readonly leases: SideFile<LeaseOperations>
  readonly keys: SideFile<KeyOperations>
  readonly credentials: SideFile<CredentialOperations>
  readonly commandLog: SideFile<RecordOperations>
  readonly data: SideFile<DataOperations>
  readonly cache: SideFile<CacheOperations>
  readonly log: SideFile<LogOperations>
  readonly seen: SideFile<SeenOperations>
}
export const sideFiles: SideFiles = {
  snapshots: snapshotFile,
  leases: leaseFile,
  keys: keyFile,
  credentials: credentialFile,
  commandLog: recordFile,
  data: dataFile,
  cache: cacheFile,
  log: logFile,
  seen: seenFile,
}
