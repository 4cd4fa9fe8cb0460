// The order of authorization over every combination of what it looks at, against a table that is written down another way.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RequestContext } from '@gesta/core'
import { administratorsGroup, systemContext, systemTenant } from '@gesta/core'
import type { DecisionStep } from '@gesta/core'
import { hold, noneHeld } from '../../src/permissions/held.ts'
import { refusalOf } from '../../src/permissions/order.ts'
import type { PermissionSet } from '../../src/permissions/permission-set.ts'
import type { AskedPermission } from '../../src/permissions/registry.ts'

const index = 37
const levels = ['anonymous', 'authenticated', 'authorized', 'custom'] as const
const yesOrNo = [true, false] as const

interface Case {
  readonly level: (typeof levels)[number]
  readonly context: 'none' | 'session' | 'complete' | 'system'
  readonly target: 'absent' | 'own' | 'other'
  /** Whose it may be at most. */
  readonly bound: 'everybody' | 'systems' | 'administrators'
  readonly isSystemTenant: boolean
  readonly isAlive: boolean
  readonly isKnown: boolean
  readonly isAdministrator: boolean
  readonly byGroups: boolean
  readonly workspace: 'absent' | 'foreign' | 'stranger' | 'member' | 'holder'
}

function* cases(): Generator<Case> {
  for (const level of levels)
    for (const context of ['none', 'session', 'complete', 'system'] as const)
      for (const target of ['absent', 'own', 'other'] as const)
        for (const bound of ['everybody', 'systems', 'administrators'] as const)
          for (const isSystemTenant of yesOrNo)
            for (const isAlive of yesOrNo)
              for (const isKnown of yesOrNo)
                for (const isAdministrator of yesOrNo)
                  for (const byGroups of yesOrNo)
                    for (const workspace of ['absent', 'foreign', 'stranger', 'member', 'holder'] as const)
                      yield {
                        level,
                        context,
                        target,
                        bound,
                        isSystemTenant,
                        isAlive,
                        isKnown,
                        isAdministrator,
                        byGroups,
                        workspace,
                      }
}

/** The sentence of the specification, read aloud. */
function expected(of: Case): boolean {
  if (of.level === 'anonymous' || of.context === 'system') return true
  if (of.context === 'none' || !of.isAlive) return false
  if (of.level === 'authenticated') return true
  if (of.context !== 'complete') return false
  if (of.isAdministrator) return true
  const isOwn = of.target !== 'other'
  const mayEver = of.bound === 'everybody' || (of.bound === 'systems' && of.isSystemTenant)
  const groups = of.byGroups && (of.workspace === 'absent' || of.workspace !== 'foreign')
  const workspace = of.workspace === 'holder'
  return isOwn && mayEver && of.isKnown && (groups || workspace)
}

function contextOf({ context, target, isSystemTenant }: Case): RequestContext {
  const tenant = isSystemTenant ? systemTenant : 'acme'
  const targetTenant = { absent: undefined, own: tenant, other: 'other' }[target]
  if (context === 'system') return systemContext(targetTenant)
  if (context === 'none') return { targetTenant, tenant, identity: 'i' }
  const session = { account: 'a', session: 's', targetTenant }
  return context === 'session' ? session : { ...session, tenant, identity: 'i' }
}

function setOf({ isAlive, isKnown, isAdministrator, byGroups, workspace }: Case): PermissionSet {
  const some = noneHeld(64)
  hold(some, index)
  const of = (holds: boolean) => ({
    held: holds ? some : noneHeld(64),
    groups: [
      { group: 'readers', held: noneHeld(64) },
      { group: 'writers', held: holds ? some : noneHeld(64) },
    ],
  })
  return {
    isAlive,
    needsIdentity: false,
    isKnown,
    isAdministrator,
    ...of(byGroups),
    workspace:
      workspace === 'absent'
        ? undefined
        : {
            belongs: workspace !== 'foreign',
            isMember: workspace === 'member' || workspace === 'holder',
            ...of(workspace === 'holder'),
          },
  }
}

const askedOf = ({ level, bound }: Case): AskedPermission => ({
  entry: {
    name: 'Order.Place',
    domain: 'Order',
    type: 'Place',
    kind: 'command',
    description: 'Order.Place',
    level,
    custom: level === 'custom',
    implies: [],
  },
  level,
  index,
  isSystems: bound === 'systems',
  tenant: undefined,
  isAdministrators: bound === 'administrators',
})

describe('the order of authorization', () => {
  test('allows and denies every combination as it is written', () => {
    let count = 0
    for (const one of cases()) {
      const refusal = refusalOf(askedOf(one), contextOf(one), setOf(one))
      assert.equal(refusal === undefined, expected(one), JSON.stringify({ ...one, refusal }))
      count++
    }
    assert.equal(count, 4 * 4 * 3 * 3 * 32 * 5)
  })

  test('tells the same with its path: the last step decided, every step before it passed, in the order of the specification', () => {
    const order: readonly DecisionStep['step'][] = [
      'custom',
      'level',
      'administrators',
      'tenant',
      'groups',
      'workspace',
    ]
    for (const one of cases()) {
      const path: DecisionStep[] = []
      const refusal = refusalOf(askedOf(one), contextOf(one), setOf(one), path)
      assert.equal(path.at(-1)?.result, refusal === undefined ? 'allowed' : 'denied')
      if (refusal !== undefined) assert.equal(path.at(-1)?.reason, refusal)
      assert.ok(path.slice(0, -1).every(({ result }) => result === 'passed'))
      const places = path.map(({ step }) => order.indexOf(step))
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
      )
      assert.equal(new Set(places).size, places.length)
    }
  })

  test('names the groups that hold it', () => {
    const path: DecisionStep[] = []
    const member = {
      level: 'authorized',
      context: 'complete',
      target: 'own',
      bound: 'everybody',
      isSystemTenant: false,
      isAlive: true,
      isKnown: true,
      isAdministrator: false,
      byGroups: false,
      workspace: 'holder',
    } as const
    refusalOf(askedOf(member), contextOf(member), setOf(member), path)
    assert.deepEqual(
      path.map(({ step, groups }) => [step, groups]),
      [
        ['level', undefined],
        ['administrators', undefined],
        ['tenant', undefined],
        ['groups', []],
        ['workspace', ['writers']],
      ],
    )
  })

  test('knows nobody without a directory', () => {
    const member = { account: 'a', session: 's', identity: 'i', tenant: systemTenant }
    for (const level of ['authorized', 'custom'] as const) {
      const asked = askedOf({ level, bound: 'everybody' } as Case)
      assert.equal(refusalOf(asked, member, undefined), 'the directory knows no such identity')
    }
    assert.equal(administratorsGroup, 'administrators')
  })
})
