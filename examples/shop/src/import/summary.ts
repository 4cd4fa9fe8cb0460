// The closing summary of an import, as text.
import { acceptedIn, countsIn, invoicesIn } from './tally.ts'
import type { Tally } from './tally.ts'

const number = new Intl.NumberFormat('en-GB')

export function summaryOf(tally: Tally, seconds: number): string {
  const invoices = invoicesIn(tally)
  return [
    `${number.format(invoices)} invoices in ${seconds.toFixed(1)} s (${number.format(Math.round(invoices / seconds))} per second)`,
    row('accepted', acceptedIn(tally), `${number.format(tally.sales)} sales, ${number.format(tally.returns)} returns`),
    row('rejected', countsIn(tally.rejected)),
    ...byCode(tally.rejected),
    row('failed', countsIn(tally.failed), tally.failed.size > 0 ? 'the shop could not decide these' : ''),
    ...byCode(tally.failed),
    row('unreadable', tally.unreadable, tally.unreadable > 0 ? 'no command was sent for these' : ''),
    row('new events', tally.newEvents, tally.newEvents === 0 && invoices > 0 ? 'everything was recorded before' : ''),
  ].join('\n')
}

function byCode(codes: Tally['rejected']): string[] {
  return [...codes]
    .toSorted(([one, { count: many }], [other, { count: more }]) => more - many || (one < other ? -1 : 1))
    .map(([code, { count, reason }]) => row(`  ${code}`, count, reason))
}

function row(name: string, count: number, note = ''): string {
  return `  ${name.padEnd(20)} ${number.format(count).padStart(9)}  ${note}`.trimEnd()
}
