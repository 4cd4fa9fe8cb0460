// Hands numbers to the publisher: those of one key one after the other, each when the one before it was acknowledged.
import type { Book } from './book.ts'
import { Finding } from './finding.ts'
import type { FromParty } from './protocol.ts'
import type { Party } from './party.ts'

export interface Feed {
  /** Numbers up to this one may be handed in. */
  allow(last: number): void
  /** From now on they go to this publisher, and what was not acknowledged goes to it once more. */
  use(publisher: Party): void
  /** Takes what a publisher says. */
  hear(line: FromParty): void
  /** How often a command was handed in again, because nobody knew what had come of it. */
  readonly repeated: number
}

/** What a command may fail with when nothing is wrong with it: it is handed in again, under its id. */
const passing: readonly (string | undefined)[] = [
  'store_unavailable',
  'outcome_unknown',
  'overloaded',
  'deadline_exceeded',
  'app_stopped',
]

const againAfterMs = 50

export function createFeed(book: Book): Feed {
  const lines = [...book.keys].map(([key, numbers]) => ({ key, numbers, at: 0, isSent: false }))
  let allowed = 0
  let repeated = 0
  let publisher: Party | undefined
  const send = (line: (typeof lines)[number]): void => {
    const number = line.numbers[line.at]
    if (number === undefined || number > allowed || publisher === undefined) return
    if (line.isSent) repeated += 1
    line.isSent = true
    book.handIn(number)
    publisher.tell({ send: { number, key: line.key } })
  }
  const lineOf = (number: number): (typeof lines)[number] | undefined =>
    lines.find(({ numbers, at }) => numbers[at] === number)
  const sendAgain = (number: number): void => {
    const line = lineOf(number)
    if (line !== undefined) send(line)
  }
  return {
    allow: (last) => {
      allowed = last
      for (const line of lines) if (!line.isSent) send(line)
    },
    use: (next) => {
      publisher = next
      for (const line of lines) send(line)
    },
    hear: (told) => {
      if ('sent' in told) {
        const line = lineOf(told.sent)
        // A publisher that was stopped may tell late what another one has told before.
        if (line === undefined) return
        line.at += 1
        line.isSent = false
        book.acknowledge(told.sent)
        send(line)
      }
      if ('failed' in told) {
        const { failed, code, message } = told
        if (!passing.includes(code))
          throw new Finding(`Expected command ${failed} to be accepted, but the publisher says ${code}: ${message}`)
        // A publisher that stops has another one behind it, which is handed everything.
        if (code !== 'app_stopped') setTimeout(() => sendAgain(failed), againAfterMs)
      }
    },
    get repeated() {
      return repeated
    },
  }
}
