// Permissions are given and taken away while everybody works. Who takes something away knows, from the acknowledgement on, that nothing is
// allowed any more; who gives something, that nothing is denied. What is counted is every answer that says otherwise.
import { isGestaError, systemContext, systemTenant } from '@gesta/core'
import { allow, boss, contextOf, forbid, look, tenant, tenantOf, ways, work } from './team-app.ts'
import type { Team, Way } from './team-app.ts'

export interface Load {
  readonly members: number
  /** How often each of them is forbidden to work, and allowed again. */
  readonly rounds: number
  /** Loops of commands and queries that each of them runs. */
  readonly lanes: number
}
export interface Told {
  /** Answers, each a sentence, that were given although the opposite had been acknowledged before they were asked for. */
  readonly wrong: readonly string[]
  readonly allowed: number
  readonly denied: number
  /** Work that the log has behind the event that forbade it. */
  readonly misplaced: number
}
interface Standing {
  readonly member: string
  /** What was acknowledged, until something else is asked for: a change is on its way while it is absent. */
  settled: { readonly mayWork: boolean } | undefined
}

export async function revokeUnderLoad(team: Team, { members, rounds, lanes }: Load): Promise<Told> {
  const operator = (way: Way) => team.as(way === 'permission' ? contextOf(boss) : systemContext(tenantOf(way)))
  const standings = Array.from({ length: members }, (_, at): Standing => ({ member: `m-${at}`, settled: undefined }))
  const wrong: string[] = []
  const counts = { allowed: 0, denied: 0 }
  let working = members

  const asked = async (standing: Standing, kind: 'command' | 'query'): Promise<void> => {
    const { member, settled } = standing
    const caller = team.as(contextOf(member))
    const allowed = await answeredYes(
      kind === 'command' ? caller.dispatch(work({ member })) : caller.query(look({ member })),
    )
    counts[allowed ? 'allowed' : 'denied']++
    if (settled === undefined || settled !== standing.settled || settled.mayWork === allowed) return
    wrong.push(`a ${kind} of ${member} was ${allowed ? 'allowed' : 'denied'} after the opposite was acknowledged`)
  }
  const lane = async (standing: Standing, number: number): Promise<void> => {
    for (let at = number; working > 0; at++) {
      await asked(standing, at % 2 === 0 ? 'command' : 'query')
      // In memory an answer needs no turn of the loop, and what applies events to views does.
      await new Promise(setImmediate)
    }
  }
  const change = async (standing: Standing): Promise<void> => {
    const { member } = standing
    for (let round = 0; round < rounds; round++) {
      const way = ways[round % ways.length] ?? 'permission'
      for (const [command, mayWork] of [
        [forbid, false],
        [allow, true],
      ] as const) {
        standing.settled = undefined
        const outcome = await operator(way).dispatch(command({ member, way }))
        if (!outcome.ok) throw new Error(`Expected ${command.type} to be accepted.`)
        standing.settled = { mayWork }
        // At once after the acknowledgement, and while the lanes go on.
        await Promise.all([asked(standing, 'query'), asked(standing, 'command')])
      }
    }
    standing.settled = undefined
    await operator('permission').dispatch(forbid({ member, way: 'permission' }))
    standing.settled = { mayWork: false }
    working--
  }
  await Promise.all(
    standings.flatMap((standing) => [
      change(standing),
      ...Array.from({ length: lanes }, (_, number) => lane(standing, number)),
    ]),
  )
  // Everybody is forbidden to work now: whatever is kept in memory must say so.
  await Promise.all(standings.flatMap((standing) => [asked(standing, 'query'), asked(standing, 'command')]))
  const misplaced = await misplacedWork(team)
  return { wrong, ...counts, misplaced }
}

/** Reads what was recorded in the order of the log, and counts work of members who were kept from it there. */
async function misplacedWork({ commandLog }: Team): Promise<number> {
  const records = []
  for (const each of [tenant, systemTenant])
    for (let cursor: string | undefined; ;) {
      const page = await commandLog.list({ tenant: each, statuses: ['accepted'] }, { limit: 1_000, cursor })
      records.push(...page.items)
      if (page.cursor === undefined) break
      cursor = page.cursor
    }
  const inOrder = records.flatMap(({ commandType, payload = '{}', events: [first] }) => {
    const { member, way } = JSON.parse(payload) as { readonly member: string; readonly way?: Way }
    return first?.position === undefined ? [] : [{ commandType, member, way, position: first.position }]
  })
  const kept = new Set<string>()
  let misplaced = 0
  for (const { commandType, member, way } of inOrder.toSorted((a, b) => a.position - b.position))
    if (commandType === allow.type) kept.delete(`${member} ${way}`)
    else if (commandType === forbid.type) kept.add(`${member} ${way}`)
    else if (ways.some((each) => kept.has(`${member} ${each}`))) misplaced++
  return misplaced
}

async function answeredYes(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer
    return true
  } catch (error) {
    if (isGestaError(error, 'permission_denied')) return false
    throw error
  }
}
