import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { past, scenario } from '@gesta/core/testing'
import {
  Account,
  accountDomain,
  Announced,
  announce,
  deposit,
  Deposited,
  open,
  Opened,
  owners,
  remind,
  Shown,
  transfer,
  withdraw,
  Withdrawn,
  writingDomain,
} from '../account-domain.ts'

const bank = scenario(accountDomain)
const rich = bank.given(past(Account, 'a', Opened({ owner: 'Ann' }), Deposited({ pence: 100 })))

describe('a scenario', () => {
  test('says what a decider emits, on what was there before', async () => {
    await rich.when(withdraw({ accountId: 'a', pence: 30 })).thenEmitted(Withdrawn({ pence: 30 }))
  })
  test('says what a handler over several aggregates emits', async () => {
    await rich
      .given(past(Account, 'b', Opened({ owner: 'Bob' })))
      .when(transfer({ from: 'a', to: 'b', pence: 100 }))
      .thenEmitted(Withdrawn({ pence: 100 }), Deposited({ pence: 100 }))
  })
  test('has what leaves beside events: integration and presentation events, jobs', async () => {
    await scenario(writingDomain)
      .given(past(Account, 'a', Opened({ owner: 'Ann' })))
      .when(announce({ accountId: 'a', text: 'hello' }))
      .thenEmitted(
        remind({ accountId: 'a' }),
        Deposited({ pence: 1 }),
        Announced({ text: 'hello' }),
        Shown({ text: 'hello' }),
      )
  })
  test('says the result, and the rejection with its details', async () => {
    await rich.when(deposit({ accountId: 'a', pence: 5 })).thenResult({ balance: 105 })
    await rich.when(withdraw({ accountId: 'a', pence: 130 })).thenRejected('too_little', { missing: 30 })
    await rich.when(open({ accountId: 'a', owner: 'Eve' })).thenRejected('open')
  })
  test('says what a read model makes of the past', async () => {
    await rich.thenRow(owners, 'Ann', { owner: 'Ann', accounts: 1 })
    await rich.given(past(Account, 'b', Opened({ owner: 'Ann' }))).thenRow(owners, 'Ann', { owner: 'Ann', accounts: 2 })
    await rich.thenRow(owners, 'Bob', undefined)
    await assert.rejects(rich.thenRow(owners, 'Ann', undefined), { name: 'AssertionError' })
  })
  test('is about a caller when it is told one', async () => {
    const own = scenario(accountDomain, { as: { tenant: 'shop' } })
    const there = own.given(past(Account, 'a', Opened({ owner: 'Ann' }), Deposited({ pence: 1 })))
    await there.when(withdraw({ accountId: 'a', pence: 1 })).thenResult({ balance: 0 })
  })
  test('begins anew each time', async () => {
    const opened = bank.when(open({ accountId: 'c', owner: 'Cy' }))
    await opened.thenEmitted(Opened({ owner: 'Cy' }))
    await opened.thenEmitted(Opened({ owner: 'Cy' }))
  })
})

describe('a scenario that is not as expected fails', () => {
  const assertion = { name: 'AssertionError' }
  test('with what was emitted', async () => {
    const taken = rich.when(withdraw({ accountId: 'a', pence: 30 }))
    await assert.rejects(taken.thenEmitted(Withdrawn({ pence: 31 })), assertion)
    await assert.rejects(taken.thenEmitted(), assertion)
    await assert.rejects(taken.thenEmitted(Withdrawn({ pence: 30 }), Withdrawn({ pence: 30 })), assertion)
  })
  test('with the rejection that came instead', async () => {
    const refused = rich.when(withdraw({ accountId: 'a', pence: 130 }))
    await assert.rejects(refused.thenEmitted(Withdrawn({ pence: 130 })), /too_little/)
    await assert.rejects(refused.thenResult({ balance: 0 }), /too_little/)
    await assert.rejects(refused.thenRejected('too_little', { missing: 1 }), assertion)
    await assert.rejects(bank.when(open({ accountId: 'a', owner: 'Eve' })).thenRejected('open'), /accepted/)
  })
  test('with the error that the command failed with', async () => {
    await assert.rejects(rich.when(withdraw({ accountId: 'a', pence: -1 })).thenResult({ balance: 0 }), {
      code: 'invalid_input',
    })
  })
})
