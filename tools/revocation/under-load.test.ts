// On stores of one process. Over several processes: packages/postgres/test.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { memory } from '@gesta/core'
import type { Backend } from '@gesta/core'
import { sqlite } from '@gesta/sqlite'
import { startTeam } from './team-app.ts'
import { revokeUnderLoad } from './under-load.ts'

const load = { members: 6, rounds: 12, lanes: 2 }

async function play(store: Backend): Promise<void> {
  await using team = await startTeam(store)
  const { wrong, allowed, denied, misplaced } = await revokeUnderLoad(team, load)
  assert.deepEqual(wrong, [])
  assert.equal(misplaced, 0)
  // Both were asked for, or nothing was shown.
  assert.ok(allowed >= load.members * load.rounds, `${allowed} were allowed`)
  assert.ok(denied >= load.members * load.rounds, `${denied} were denied`)
}

describe('while permissions, accounts and sessions are given and taken under load', () => {
  test('memory: nothing is allowed or denied after the opposite was acknowledged, and nothing is stored behind what forbade it', () =>
    play(memory()))

  test('SQLite: nothing is allowed or denied after the opposite was acknowledged, and nothing is stored behind what forbade it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gesta-revocation-'))
    try {
      await play(sqlite(join(folder, 'store.db')))
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
