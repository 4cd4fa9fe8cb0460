// How often anybody may make the app send mail to an address: the pause doubles with each, and never exceeds what the last code lives,
// so whoever owns the mailbox has a code that counts or can ask for one.
export interface SentMails {
  /** Within a day of each other. */
  readonly count: number
  /** RFC 3339, UTC; empty: none. */
  readonly lastAt: string
}
export const noMails: SentMails = { count: 0, lastAt: '' }

const minuteMs = 60_000
const firstPauseMs = 2 * minuteMs
export const pauseMsMax: number = 60 * minuteMs
const forgottenMs = 24 * 60 * minuteMs

export function oneMore({ count, lastAt }: SentMails, now: string): SentMails {
  const isForgotten = lastAt === '' || Date.parse(now) - Date.parse(lastAt) >= forgottenMs
  return { count: isForgotten ? 1 : count + 1, lastAt: now }
}

export function mayMail({ count, lastAt }: SentMails, nowMs: number): boolean {
  if (count === 0) return true
  return nowMs - Date.parse(lastAt) >= Math.min(firstPauseMs * 2 ** (count - 1), pauseMsMax)
}
