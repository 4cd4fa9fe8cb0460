// One more process of the app: answers what it is asked, line by line, while it goes on.
import { createInterface } from 'node:readline'
import { postgres } from '../../src/index.ts'
import type { PostgresOptions } from '../../src/index.ts'
import { createLanes } from './lanes.ts'
import { withOwnViews } from './own-views.ts'
import { startTeam } from './team-app.ts'
import type { Kind } from './team-app.ts'

/** What a line holds, with an `id` that its answer has too. */
export type Ask =
  | { readonly do: 'ask'; readonly kind: Kind; readonly member: string; readonly deadlineMs?: number | undefined }
  | { readonly do: 'hold' | 'reached' | 'letGo' | 'end' }
  | { readonly do: 'slow'; readonly delayMs: number }
  | { readonly do: 'settle'; readonly member: string; readonly mayWork?: boolean | undefined }
  | { readonly do: 'begin'; readonly members: readonly string[] }

const [options = '{}', views] = process.argv.slice(2)
const given = postgres(JSON.parse(options) as PostgresOptions)
const { store, gate } = withOwnViews(given)

{
  await using team = await startTeam(views === 'own' ? store : given)
  const lanes = createLanes(team)
  const done = async (asked: Ask): Promise<unknown> => {
    if (asked.do === 'ask') return team.ask(asked.kind, asked.member, asked.deadlineMs)
    if (asked.do === 'slow') return gate.slow(asked.delayMs)
    if (asked.do === 'settle') return lanes.settle(asked.member, asked.mayWork)
    if (asked.do === 'begin') return lanes.begin(asked.members)
    if (asked.do === 'end') return lanes.end()
    return gate[asked.do]()
  }
  console.log(JSON.stringify({ id: 0 }))
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, ...asked } = JSON.parse(line) as Ask & { readonly id: number }
    void done(asked as Ask).then((answer) => console.log(JSON.stringify({ id, answer })))
  }
  // Also when a test has failed in the middle of something.
  gate.letGo()
  await lanes.end()
}
