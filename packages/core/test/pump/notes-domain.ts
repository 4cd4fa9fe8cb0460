// A notebook that subscribers write into: what they sent can be counted, and sent twice would be there twice.
import { aggregate, command, domain, event, projection } from '@gesta/core'
import type { AnyDomain } from '@gesta/core'
import { z } from 'zod'
import { makeDeposit, makeWithdrawal, makeTransfer, openAccount } from '../account-domain.ts'
import type { StartedApp } from '../started-app.ts'

export const take = command('Note.Take', {
  input: z.object({ text: z.string() }),
  result: z.object({ number: z.int() }),
  rejections: { blank: 'A note has a text.' },
})
export const Taken = event('Note.Taken', z.object({ text: z.string() }))
export const Notebook = aggregate('Note', () => ({ notes: 0 })).on(Taken, ({ notes }) => ({ notes: notes + 1 }))
export const notebook = projection(Notebook)
export const takeNote = Notebook.decide(
  take,
  () => 'book',
  ({ notes }, { text }) => {
    if (text === '') return take.reject('blank')
    return take.accept([Taken({ text })], { number: notes + 1 })
  },
)

/** Accounts that can be written to, a notebook, and these subscribers. */
export function noting(...subscribers: readonly { readonly name: string }[]): readonly AnyDomain[] {
  return [
    domain('Account', {
      permissions: 'anonymous',
      handlers: [openAccount, makeDeposit, makeWithdrawal, makeTransfer],
    }),
    domain('Note', { permissions: 'anonymous', handlers: [takeNote], subscribers }),
  ]
}

/** Texts of the notes, in the order of the log. */
export async function notesIn({ store }: Pick<StartedApp, 'store'>, tenant = ''): Promise<readonly string[]> {
  const events = await store.readAll({ after: 0, limit: 10_000 })
  return events
    .filter((stored) => stored.type === Taken.type && stored.tenant === tenant)
    .map(({ data }) => (JSON.parse(data) as { readonly text: string }).text)
}

/** Lets time pass until something is so. */
export async function until(
  { clock }: Pick<StartedApp, 'clock'>,
  condition: () => boolean | Promise<boolean>,
  stepMs = 5,
): Promise<void> {
  for (let step = 0; step < 20_000; step++) {
    if (await condition()) return
    await clock.advance(stepMs)
  }
  throw new Error('Expected it to be so after a while, but it never was.')
}

/** How the subscriber is in this process. */
export function statusOf({ running }: Pick<StartedApp, 'running'>, name: string) {
  const status = running.subscribers().find((one) => one.name === name)
  if (status === undefined) throw new Error(`The app runs no subscriber ${name}.`)
  return status
}
