// Runs that end otherwise than they should: with a command that nobody awaited, or not at all.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { subscriber } from '@gesta/core'
import { deposit, Deposited } from '../account-domain.ts'
import { startApp } from '../started-app.ts'
import { notesIn, noting, statusOf, take, until } from './notes-domain.ts'

describe('a run', () => {
  test('whose command fails while nobody awaits it has failed, and runs again', async () => {
    let failures = 1
    const hasty = subscriber('Hasty').on(Deposited, ({ pence }, { dispatch }) => {
      void dispatch(take({ text: `${pence}` }))
    })
    await using app = await startApp(noting(hasty), {
      interfere: async (commit, next) => {
        if (commit.header.commandType === 'Note.Take' && failures-- > 0) throw new RangeError('away')
        return next()
      },
    })
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await until(app, () => statusOf(app, 'Hasty').position === 2)
    assert.match(statusOf(app, 'Hasty').lastError ?? '', /RangeError/)
    assert.deepEqual(await notesIn(app), ['1'])
  })

  test('that does not end lets go of its lease when the app was stopped without it', async () => {
    let ran = 0
    const deaf = subscriber('Deaf').on(Deposited, async () => {
      ran++
      await new Promise(() => undefined)
    })
    const app = await startApp(noting(deaf))
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await until(app, () => ran === 1)
    await app[Symbol.asyncDispose]()
    await app.clock.advance(60_000)
    assert.equal(app.clock.timers, 0, 'nothing keeps the process alive')
  })
})
