// Waits for a condition that becomes true by itself.
import { setTimeout as delay } from 'node:timers/promises'

const withinMs = 20_000

export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + withinMs
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`Waited ${withinMs} ms for this: ${what}.`)
    await delay(10)
  }
}
