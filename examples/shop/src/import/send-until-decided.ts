// Sends one command until the shop has decided it. An answer that was lost is harmless: the repetition has the same key.
import { setTimeout as sleep } from 'node:timers/promises'
import type { InvoiceCommand } from './command-of.ts'
import { Unsettled } from './target.ts'
import type { Decided, SendOptions, Target } from './target.ts'

const firstPauseMs = 50
const pauseMsMax = 2_000

/** The shop did not answer for as long as the import was told to wait. */
export class GaveUp extends Error {}

/** @param patienceMs how long the command is sent again. Errors: `GaveUp`; `Refused`; what is fatal; the signal's reason. */
export async function sendUntilDecided(
  target: Target,
  command: InvoiceCommand,
  options: SendOptions,
  patienceMs: number,
): Promise<Decided> {
  const begin = performance.now()
  for (let attempt = 0; ; attempt++) {
    try {
      return await target.send(command, options)
    } catch (error) {
      if (!(error instanceof Unsettled)) throw error
      const pauseMs = Math.min(firstPauseMs * 2 ** attempt, pauseMsMax) * (0.5 + Math.random() / 2)
      if (performance.now() - begin + pauseMs > patienceMs) throw gaveUp(target, command, patienceMs, error)
      await sleep(pauseMs, undefined, { signal: options.signal })
    }
  }
}

function gaveUp({ name }: Target, { data }: InvoiceCommand, patienceMs: number, cause: Unsettled): GaveUp {
  return new GaveUp(
    `${name} did not decide invoice ${data.orderId} within ${patienceMs / 1_000} s: ${cause.message} Run the same import again: it goes on where it stopped.`,
    { cause },
  )
}
