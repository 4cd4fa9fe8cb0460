// Members who go on asking, and what they were told although the opposite had been acknowledged before they asked.
import { kinds } from './team-app.ts'
import type { Kind, Team } from './team-app.ts'

export interface Told {
  /** Sentences. */
  readonly wrong: readonly string[]
  readonly allowed: number
  readonly denied: number
  /** Told in time that nobody can say: a busy machine may be too slow for an answer, and that allows nothing. */
  readonly unknown: number
}
export interface Lanes {
  /** What was acknowledged for a member; absent while a change is on its way. */
  settle(member: string, mayWork: boolean | undefined): Promise<void>
  /** Begins to ask, in two loops for each member. */
  begin(members: readonly string[]): void
  end(): Promise<Told>
}

export function createLanes(team: Team): Lanes {
  const settled = new Map<string, { readonly mayWork: boolean }>()
  const wrong: string[] = []
  const counts = { allowed: 0, denied: 0, unknown: 0 }
  const loops: Promise<void>[] = []
  let isOver = false
  const ask = async (kind: Kind, member: string): Promise<void> => {
    const before = settled.get(member)
    const told = await team.ask(kind, member)
    if (told === 'allowed') counts.allowed += 1
    else if (told === 'permission_denied') counts.denied += 1
    else if (told === 'permissions_unavailable') return void (counts.unknown += 1)
    else wrong.push(`a ${kind} of ${member} was told ${told}`)
    if (before === undefined || before !== settled.get(member)) return
    if (before.mayWork !== (told === 'allowed')) wrong.push(`a ${kind} of ${member}: ${told} after the opposite`)
  }
  const loop = async (member: string, first: number): Promise<void> => {
    for (let at = first; !isOver; at += 1) await ask(kinds[at % 2] as Kind, member)
  }
  return {
    settle: async (member, mayWork) => {
      if (mayWork === undefined) return void settled.delete(member)
      settled.set(member, { mayWork })
      // At once after the acknowledgement, beside the loops.
      await Promise.all(kinds.map((kind) => ask(kind, member)))
    },
    begin: (members) => {
      for (const member of members) loops.push(loop(member, 0), loop(member, 1))
    },
    end: async () => {
      isOver = true
      await Promise.all(loops)
      return { wrong, ...counts }
    },
  }
}
