// Whatever people do who are no administrators, in whatever order: nobody comes to hold what none of them held.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { command, domain, handle, systemContext, systemTenant } from '@gesta/core'
import type { Command, RequestContext } from '@gesta/core'
import fc from 'fast-check'
import * as group from '../../src/group/group-contracts.ts'
import { accept, invite } from '../../src/invitation/invitation-contracts.ts'
import * as identity from '../../src/member/member-contracts.ts'
import { createKey, create as createServiceAccount } from '../../src/service-account/service-account-contracts.ts'
import { create as createTenant } from '../../src/tenant/tenant-contracts.ts'
import { create as createWorkspace } from '../../src/workspace/workspace-contracts.ts'
import { openIdentity } from '../open-identity.ts'
import type { Person, TestIdentity } from '../open-identity.ts'

const letters = ['A', 'B', 'C', 'D'] as const
const contracts = letters.map((letter) => command(`Note.${letter}`))
const notes = domain('Note', {
  roles: ['any'],
  permissions: 'authorized',
  handlers: contracts.map((contract) => handle(contract, async () => {})),
})
const names = letters.map((letter) => `Note.${letter}`)
/** What it takes to give. */
const giving = ['Group.*', 'Identity.*', 'Invitation.*', 'ServiceAccount.*']

const some = (count: number) => fc.uniqueArray(fc.nat(count - 1), { maxLength: count })
const permissions = fc.subarray([...names, 'Note.*', '*', ...giving])
const groupCount = 5
const peopleCount = 3
const start = fc.record({
  groups: fc.array(fc.record({ permissions: fc.subarray([...names, ...giving]), includes: some(groupCount) }), {
    minLength: groupCount,
    maxLength: groupCount,
  }),
  people: fc.array(some(groupCount), { minLength: peopleCount, maxLength: peopleCount }),
})
const step = fc.record({
  actor: fc.nat(peopleCount - 1),
  what: fc.constantFrom(
    'create',
    'set',
    'add',
    'take',
    'join',
    'leave',
    'invite',
    'drop',
    'service',
  ) as fc.Arbitrary<Step>,
  to: fc.nat(peopleCount - 1),
  group: fc.nat(groupCount + 3),
  permissions,
  groups: some(groupCount + 3),
})
type Step = 'create' | 'set' | 'add' | 'take' | 'join' | 'leave' | 'invite' | 'drop' | 'service'

test('nobody comes to hold what none of those held who gave', async () => {
  await using shop = await openIdentity({ domains: [notes] })
  const people: Person[] = []
  for (let at = 0; at < peopleCount; at++) people.push(await shop.signUp(`person${at}@shop.example`))
  let runs = 0
  let given = 0
  await fc.assert(
    fc.asyncProperty(start, fc.array(step, { minLength: 4, maxLength: 14 }), async (begin, steps) => {
      const tenant = `tenant-${++runs}`
      const inside = systemContext(tenant)
      await shop.done(createTenant({ tenantUuid: tenant, name: tenant }), systemContext(systemTenant))
      const { workspaceUuid } = await shop.done(createWorkspace({ name: 'desk' }), inside)
      const groups: string[] = []
      for (let at = 0; at < groupCount; at++)
        groups.push((await shop.done(group.create({ name: `g${at}`, permissions: [] }), inside)).groupUuid)
      const picked = (indexes: readonly number[]) => indexes.flatMap((at) => groups[at] ?? [])
      for (const [at, one] of begin.groups.entries())
        await shop.done(
          group.setPermissions({
            groupUuid: groups[at] ?? '',
            permissions: one.permissions,
            groups: picked(one.includes),
          }),
          inside,
        )
      const members: { readonly context: RequestContext; readonly identityUuid: string }[] = []
      for (const [at, person] of people.entries()) {
        const create = identity.create({ account: person.account, name: 'x', groups: picked(begin.people[at] ?? []) })
        const { identityUuid } = await shop.done(create, inside)
        members.push({ context: { ...person.context, tenant, identity: identityUuid }, identityUuid })
      }
      const everybody = [...members]
      const heldByAll = async (): Promise<readonly ReadonlySet<string>[]> =>
        Promise.all(everybody.map(({ context }) => heldBy(shop, context, workspaceUuid)))
      const before = await heldByAll()
      const allowed = new Set(members.flatMap((_, at) => [...(before[at] ?? [])]))
      for (const { actor, what, to, group: at, permissions: named, groups: indexes } of steps) {
        const who = members[actor]?.context
        const identityUuid = members[to]?.identityUuid ?? ''
        const groupUuid = groups[at] ?? 'none'
        const chosen = picked(indexes)
        const tell = async <Result>(message: Command<string, unknown, Result, {}>): Promise<Result | undefined> => {
          const outcome = await shop.dispatch(message, who).catch(() => undefined)
          if (outcome?.ok !== true) return undefined
          given++
          return outcome.result
        }
        if (what === 'create') {
          const made = await tell(
            group.create({ name: 'made', permissions: named, groups: chosen }) as Told<typeof group.create>,
          )
          if (made !== undefined) groups.push(made.groupUuid)
        } else if (what === 'set')
          await tell(group.setPermissions({ groupUuid, permissions: named, groups: chosen }) as never)
        else if (what === 'add') await tell(identity.addGroup({ identityUuid, groupUuid }) as never)
        else if (what === 'take') await tell(identity.removeGroup({ identityUuid, groupUuid }) as never)
        else if (what === 'join')
          await tell(identity.joinWorkspace({ identityUuid, workspaceUuid, groups: chosen }) as never)
        else if (what === 'leave') await tell(identity.leaveWorkspace({ identityUuid, workspaceUuid }) as never)
        else if (what === 'drop') await tell(group.remove({ groupUuid }) as never)
        else if (what === 'invite') {
          const mails = shop.mails.length
          const made = await tell(invite({ email: `i${runs}@shop.example`, groups: chosen }) as Told<typeof invite>)
          if (made === undefined) continue
          while (shop.mails.length === mails) await shop.settled()
          await shop.done(accept({ code: shop.codeOf(), name: 'x' }), people[to], tenant)
        } else {
          const made = await tell(
            createServiceAccount({ name: 'robot', groups: chosen }) as Told<typeof createServiceAccount>,
          )
          if (made === undefined) continue
          const { identityUuid: robot } = made
          const key = await tell(createKey({ identityUuid: robot, name: 'key' }) as Told<typeof createKey>)
          const context = key && (await shop.identity.callerOf(key.key))
          if (context !== undefined) everybody.push({ context, identityUuid: robot })
        }
      }
      for (const [at, held] of (await heldByAll()).entries())
        for (const name of held)
          assert.ok(before[at]?.has(name) === true || allowed.has(name), `somebody came to hold ${name}`)
    }),
    { numRuns: 40 },
  )
  assert.ok(given > 40, `only ${given} commands were done`)
})

type Told<Contract> = Contract extends (...input: never[]) => Command<string, unknown, infer Result, infer _>
  ? Command<string, unknown, Result, {}>
  : never

async function heldBy(shop: TestIdentity, context: RequestContext, workspace: string): Promise<ReadonlySet<string>> {
  const held = new Set<string>()
  for (const name of [...names, 'Group.Create', 'Identity.AddGroup', 'Workspace.Create', 'Invitation.Invite'])
    for (const targetWorkspace of [undefined, workspace])
      if (await shop.app.permissions.holds({ ...context, targetWorkspace }, name))
        held.add(targetWorkspace === undefined ? name : `${name} in the workspace`)
  return held
}
