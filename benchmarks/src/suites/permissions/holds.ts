// What it takes to say whether a caller holds a permission: from the set that is kept of it, beside a look into a set of names; and from its
// directory, beside the same walk by hand. Both sides are awaited.
import { memory } from '@gesta/core'
import { startAsking } from '../../account.ts'
import { compare } from '../../measure.ts'
import type { Subject } from '../../measure.ts'
import { memberContext, membersDirectory, permissionsByHand } from '../../members.ts'
import { rowOf } from '../../row.ts'
import type { Suite } from '../suite.ts'

const permission = 'Account.Deposit'
const kept = 64
const noPrelude = 0

export const holds: Suite = async function* (effort) {
  // Members come in turn: each has been there before, so its set is kept.
  const cached = (): Promise<Subject> => holdsSubject((index) => index % kept)
  yield rowOf('permissions', 'memory holds, kept', 'none', await compare(cached, setOfNames, effort))
  // Nobody comes twice.
  const cold = (): Promise<Subject> => holdsSubject((index) => index)
  yield rowOf('permissions', 'memory holds, resolved', 'none', await compare(cold, walkByHand, effort, noPrelude))
}

async function holdsSubject(numberOf: (index: number) => number): Promise<Subject> {
  const app = await startAsking('authorized', memory(), { directory: membersDirectory })
  const contexts = Array.from({ length: kept }, (_, number) => memberContext(number))
  const contextOf = (number: number) => contexts[number] ?? memberContext(number)
  const { permissions } = app
  return {
    run: async (first, count) => {
      let held = 0
      for (let at = first; at < first + count; at++) {
        const context = contextOf(numberOf(at))
        if (await permissions.holds(context, permission)) held++
      }
      if (held !== count) throw new Error(`Expected every member to hold ${permission}, but ${count - held} do not.`)
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

async function setOfNames(): Promise<Subject> {
  const sets = Array.from({ length: kept }, () => new Set([permission, 'Account.Look', 'Probe.Get', 'Probe.Look']))
  const has = async (number: number): Promise<boolean> => sets[number]?.has(permission) === true
  return counting((at) => has(at % kept))
}

async function walkByHand(): Promise<Subject> {
  const sets = new Map<number, ReadonlySet<string>>()
  const has = async (number: number): Promise<boolean> => {
    const held = permissionsByHand()
    sets.set(number, held)
    return held.has('Account.*')
  }
  return counting(has)
}

function counting(has: (at: number) => Promise<boolean>): Subject {
  return {
    run: async (first, count) => {
      let held = 0
      for (let at = first; at < first + count; at++) if (await has(at)) held++
      return held
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}
