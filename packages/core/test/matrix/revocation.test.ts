// What is in the middle of something when a permission is taken away: from the acknowledgement on nothing is allowed, whatever waits.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ann, teamPlace, ways } from './team-place.ts'
import type { TeamPlace } from './team-place.ts'

const both = ['command', 'query'] as const

async function everything(place: TeamPlace): Promise<readonly string[]> {
  return place.clock.finish(Promise.all(both.map((kind) => place.asked(kind))))
}

for (const way of ways)
  describe(`when the ${way} is taken away`, () => {
    test('nothing is allowed after the acknowledgement, and everything again after the next one', async () => {
      await using place = await teamPlace()
      assert.deepEqual(await everything(place), ['allowed', 'allowed'])
      for (let round = 0; round < 3; round++) {
        await place.clock.finish(place.change(way, false))
        assert.deepEqual(await everything(place), ['permission_denied', 'permission_denied'])
        await place.clock.finish(place.change(way, true))
        assert.deepEqual(await everything(place), ['allowed', 'allowed'])
      }
    })

    test('a command whose handler is still running is decided again, and denied; nothing of it is stored', async () => {
      await using place = await teamPlace()
      const { reached, letGo } = place.handler.hold()
      const slow = place.asked('slow')
      await place.clock.finish(reached)
      await place.clock.finish(place.change(way, false))
      letGo()
      assert.equal(await place.clock.finish(slow), 'permission_denied')
      assert.equal(await place.notes(), 0)
    })

    test('a command whose own check is still running after groups said yes is checked again, and denied', async () => {
      await using place = await teamPlace()
      const { reached, letGo } = place.check.hold()
      const slow = place.asked('custom')
      await place.clock.advance(0)
      await reached
      await place.clock.finish(place.change(way, false))
      letGo()
      assert.equal(await place.clock.finish(slow), 'permission_denied')
      assert.equal(await place.notes(), 0)
    })

    test('an answer that the directory had begun before is allowed no commit, and is not kept', async () => {
      await using place = await teamPlace()
      const { reached, letGo } = place.answer.hold()
      const early = place.asked('command')
      await place.clock.finish(reached)
      await place.clock.finish(place.change(way, false))
      letGo()
      assert.equal(await place.clock.finish(early), 'permission_denied')
      assert.equal(await place.notes(), 0)
      assert.deepEqual(await everything(place), ['permission_denied', 'permission_denied'])
    })

    test('while the view of the directory is being written, who asks waits, and is denied', async () => {
      await using place = await teamPlace()
      assert.deepEqual(await everything(place), ['allowed', 'allowed'])
      const { reached, letGo } = place.flush.hold()
      await place.clock.finish(place.change(way, false))
      await place.clock.finish(reached)
      const answers = Promise.all(both.map((kind) => place.asked(kind)))
      let answered = false
      void answers.then(() => (answered = true))
      await place.clock.advance(0)
      assert.equal(answered, false)
      letGo()
      assert.deepEqual(await place.clock.finish(answers), ['permission_denied', 'permission_denied'])
    })

    test('while the view of the directory stands still, nothing is allowed; then it is denied', async () => {
      await using place = await teamPlace()
      assert.deepEqual(await everything(place), ['allowed', 'allowed'])
      await place.clock.finish(place.running.readModels.control('Team.Kept').pause())
      await place.clock.finish(place.change(way, false))
      for (const kind of both) {
        const told = await place.clock.finish(place.asked(kind, 100))
        assert.ok(['permissions_unavailable', 'deadline_exceeded'].includes(told), `${kind}: ${told}`)
      }
      assert.equal(await place.notes(), 1)
      await place.clock.finish(place.running.readModels.control('Team.Kept').resume())
      assert.deepEqual(await everything(place), ['permission_denied', 'permission_denied'])
    })
  })

test('a permission that groups gave changes permissions, those of its own holder too, and once it is taken nothing more', async () => {
  await using place = await teamPlace()
  const { clock } = place
  assert.deepEqual(await everything(place), ['allowed', 'allowed'])
  await clock.finish(place.change('permission', true, ann))
  await clock.finish(place.change('permission', false, ann))
  assert.deepEqual(await everything(place), ['permission_denied', 'permission_denied'])
  await assert.rejects(clock.finish(place.change('permission', true, ann)), { code: 'permission_denied' })
})

test('who asks while nothing changes waits for no view', async () => {
  await using place = await teamPlace()
  await place.clock.finish(place.change('permission', true))
  assert.deepEqual(await everything(place), ['allowed', 'allowed'])
  await place.clock.finish(place.running.readModels.control('Team.Kept').pause())
  assert.deepEqual(await everything(place), ['allowed', 'allowed'])
})
