// When the write-ahead log goes back into the file: while nobody writes, and in between only when it has grown too long.
import { firstRow, prepareRows } from './database.ts'
import type { Database } from './database.ts'

/** How long nobody must have written. */
const quietMs = 100
/** Pages of 4 KiB after which a checkpoint is taken although commits wait. */
const pagesMax = 4096
/** Groups between two looks at the length. */
const groupsPerLook = 16

export interface Checkpoints {
  /** To be called after each group; returns the milliseconds of quiet after which `quiet` wants to be called. Never throws. */
  wrote(): number
  /** Nobody has written for a while. Never throws. */
  quiet(): void
  /** Brings everything into the file and empties the write-ahead log. */
  close(): void
}

/** Checkpoints over a connection of their own, so that the appending one may come and go. */
export function createCheckpoints(open: () => Database): Checkpoints {
  const db = open()
  // SQLite before 3.51 does not know NOOP and takes a passive checkpoint, which is no harm at this rate.
  const look = prepareRows(db, 'PRAGMA wal_checkpoint(NOOP)')
  const take = prepareRows(db, 'PRAGMA wal_checkpoint(PASSIVE)')
  let groups = 0

  const isLong = (): boolean => Number(firstRow(look)?.[1]) > pagesMax
  /** Both questions can fail, on a full or failing disk for one. The log is whole without a checkpoint, so it is taken later. */
  const takeWhen = (isDue: () => boolean): void => {
    try {
      if (isDue()) take.get()
    } catch {
      // The group before was stored and answered: an error from here would end the writer thread for nothing.
    }
  }
  return {
    wrote: () => {
      groups += 1
      if (groups % groupsPerLook === 0) takeWhen(isLong)
      return quietMs
    },
    quiet: () => takeWhen(() => true),
    close: () => {
      try {
        db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      } catch {
        // As above: the next process that opens the store finds the log whole.
      }
      db.close()
    },
  }
}
