// What an entry in the audit log costs a command, 64 callers at once, on each store: the same command beside one that is not audited.
import { memory } from '@gesta/core'
import { postgres } from '@gesta/postgres'
import { startPostgres } from '@gesta/services'
import { sqlite } from '@gesta/sqlite'
import { compare } from '../../measure.ts'
import type { Subject } from '../../measure.ts'
import { rowOf, withOverhead } from '../../row.ts'
import { membersSubject } from '../accounts-subject.ts'
import { onFile } from '../commands.ts'
import { dropping, lastingServer } from '../postgres.ts'
import type { Suite } from '../suite.ts'

const concurrency = 64

export const audited: Suite = async function* ({ scratch, ...effort }) {
  await using server = await startPostgres(lastingServer)
  const { url } = server
  let made = 0
  const stores: readonly (readonly [
    name: string,
    durability: 'none' | 'full',
    make: (isAudited: boolean) => Promise<Subject>,
  ])[] = [
    [
      'memory',
      'none',
      (isAudited) => membersSubject(memory(), concurrency, { level: 'anonymous', audited: isAudited }),
    ],
    [
      'sqlite',
      'full',
      (isAudited) =>
        onFile(scratch, (path) =>
          membersSubject(sqlite(path), concurrency, { level: 'anonymous', audited: isAudited }),
        ),
    ],
    [
      'postgres',
      'full',
      async (isAudited) => {
        const schema = `bench_${++made}`
        const store = postgres({ url, schema })
        return dropping(
          url,
          schema,
          await membersSubject(store, concurrency, { level: 'anonymous', audited: isAudited }),
        )
      },
    ],
  ]
  for (const [name, durability, make] of stores) {
    const compared = await compare(
      () => make(true),
      () => make(false),
      effort,
    )
    yield withOverhead(rowOf('permissions', `${name} c${concurrency} audited command`, durability, compared))
  }
}
