// The whole way of a command: validation, load, decide, append, publish, read model.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { memory } from '@gesta/core'
import { sqlite } from '@gesta/sqlite'
import { emptyStore, sqliteRows } from '../limits/sqlite-rows.ts'
import { memoryLoop } from '../limits/memory-loop.ts'
import { startAccountsProcess } from '../load/accounts-process.ts'
import { compare } from '../measure.ts'
import type { Subject } from '../measure.ts'
import { rowOf, withOverhead } from '../row.ts'
import { newFolder } from '../scratch.ts'
import { accountsSubject } from './accounts-subject.ts'
import type { Suite } from './suite.ts'

const shapes = [
  { concurrency: 1, hasReadModel: false },
  { concurrency: 1, hasReadModel: true },
  { concurrency: 64, hasReadModel: false },
  { concurrency: 64, hasReadModel: true },
]

export const commands: Suite = async function* ({ scratch, ...effort }) {
  for (const { concurrency, hasReadModel } of shapes) {
    const gesta = (): Promise<Subject> => accountsSubject(memory(), concurrency, hasReadModel)
    const limit = (): Promise<Subject> => memoryLoop(concurrency, hasReadModel)
    yield rowOf('commands', nameOf('memory', concurrency, hasReadModel), 'none', await compare(gesta, limit, effort))
  }
  yield* permissionCheck({ scratch, ...effort })
  const empty = await emptyStore(scratch)
  for (const { concurrency, hasReadModel } of shapes) {
    const gesta = (): Promise<Subject> =>
      onFile(scratch, (path) => accountsSubject(sqlite(path), concurrency, hasReadModel))
    // The rows of the commit only, also where gesta keeps a read model: that is work on top of what has to be on the disk.
    const limit = (): Promise<Subject> => sqliteRows(empty, scratch, { batch: concurrency, eventsPerCommit: 1 })
    yield rowOf('commands', nameOf('sqlite', concurrency, hasReadModel), 'full', await compare(gesta, limit, effort))
  }
}

/** The same app and the same callers; on one side groups must hold the permission, on the other anybody may. */
const permissionCheck: Suite = async function* (effort) {
  for (const concurrency of [1, 64]) {
    // In one process the two would shape each other's code.
    using checked = startAccountsProcess('checked', concurrency)
    using unchecked = startAccountsProcess('unchecked', concurrency)
    const compared = await compare(checked.make, unchecked.make, effort)
    yield withOverhead(rowOf('commands', `memory c${concurrency} permission check`, 'none', compared))
  }
}
export const commandParts: ReadonlyMap<string, Suite> = new Map([['permission-check', permissionCheck]])

function nameOf(store: string, concurrency: number, hasReadModel: boolean): string {
  return `${store} c${concurrency}${hasReadModel ? ' read-model' : ''}`
}

/** A subject on a new file, which is removed with it. */
export async function onFile(scratch: string, open: (path: string) => Promise<Subject>): Promise<Subject> {
  const folder = newFolder(scratch)
  const subject = await open(join(folder, 'store.db'))
  return {
    ...subject,
    [Symbol.asyncDispose]: async () => {
      await subject[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}
