// Two processes under load: from the acknowledgement in one of them on, every answer of the other one agrees with it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { postgres } from '../../src/index.ts'
import { oneTo } from '../commits.ts'
import { newSchema, skip } from '../place.ts'
import { startOther } from './other-process.ts'
import { startTeam, ways } from './team-app.ts'

const members = ['ann', 'bob', 'cyd']
const rounds = 9

describe('permissions, accounts and sessions are given and taken under load', { skip }, () => {
  for (const [name, views, delayMs] of [
    ['with views that the processes share', 'shared', 0],
    ['with a slow pump of its own', 'own', 15],
  ] as const)
    test(`${name}: the other process says nothing that was taken back before it was asked`, async () => {
      const options = await newSchema()
      await using one = await startTeam(postgres(options))
      await using other = await startOther(options, views)
      await other.tell({ do: 'slow', delayMs })
      await other.tell({ do: 'begin', members })
      await Promise.all(
        members.map(async (member) => {
          for (const round of oneTo(rounds)) {
            const way = ways[round % ways.length] ?? 'permission'
            for (const mayWork of [false, true]) {
              await other.tell({ do: 'settle', member })
              await one.change(member, way, mayWork)
              await other.tell({ do: 'settle', member, mayWork })
            }
          }
          await other.tell({ do: 'settle', member })
          await one.change(member, 'permission', false)
          await other.tell({ do: 'settle', member, mayWork: false })
        }),
      )
      const { wrong, allowed, denied, unknown } = await other.end()
      assert.deepEqual(wrong, [])
      // Both were asked for, or nothing was shown.
      const told = `${allowed} were allowed, ${denied} denied, ${unknown} told that nobody knows`
      assert.ok(Math.min(allowed, denied) >= members.length * rounds && unknown < allowed + denied, told)
      for (const member of members)
        assert.deepEqual(await other.both(member), ['permission_denied', 'permission_denied'])
    })
})
