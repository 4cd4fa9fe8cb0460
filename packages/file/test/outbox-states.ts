// What the files of an outbox hold, and random steps against them and against two lists.
import assert from 'node:assert/strict'
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { GestaError } from '@gesta/core/ports'
import type { Envelope } from '@gesta/core/ports'
import type { AtStep } from '../src/line-file.ts'
import { openOutboxLog } from '../src/outbox-log.ts'
import { readLine } from '../src/outbox-record.ts'
import { openOutbox } from '../src/outbox.ts'
import type { FileOutbox } from '../src/index.ts'

const { signal } = new AbortController()
const files = ['outbox.jsonl', 'outbox.jsonl.new', 'outbox.dead.jsonl', 'outbox.dead.jsonl.new']

/** Numbers of events: those that wait, with their failed attempts, and those that were given up. */
export interface OutboxState {
  readonly waiting: readonly (readonly [n: number, attempts: number])[]
  readonly dead: readonly number[]
}
export const emptyState: OutboxState = { waiting: [], dead: [] }

export function placed(n: number, padding = ''): Envelope {
  return { id: 'same', category: 'domain', type: 'Order.Placed', value: { n, padding } }
}
const numberOf = (value: unknown): number => (value as { readonly n: number }).n

/** The state of a folder whose outbox is closed. */
export async function stateOf(folder: string): Promise<OutboxState> {
  const log = await openOutboxLog(join(folder, 'outbox.jsonl'), () => 'unmarked', undefined)
  const waiting: (readonly [number, number])[] = []
  for (const entry of log.entries.values()) {
    const line = readLine(await log.read(entry))
    assert.ok(line.kind === 'record')
    waiting.push([numberOf(line.event.value), entry.attempts])
  }
  await log[Symbol.asyncDispose]()
  const deadPath = join(folder, 'outbox.dead.jsonl')
  const letters = existsSync(deadPath) ? readFileSync(deadPath, 'utf8').trimEnd().split('\n').filter(Boolean) : []
  const dead = letters.map((letter) => numberOf((JSON.parse(letter) as { readonly value: unknown }).value))
  return { waiting, dead }
}

/** Copies the files as they are now: what a process that ends now would leave. */
export function keepFiles(folder: string, to: string): void {
  for (const name of files) if (existsSync(join(folder, name))) cpSync(join(folder, name), join(to, name))
}
export function bringFilesBack(folder: string, from: string): void {
  for (const name of files) rmSync(join(folder, name), { force: true })
  keepFiles(from, folder)
  for (const name of files) rmSync(join(from, name), { force: true })
}

export type OutboxStep =
  | { readonly do: 'store'; readonly count: number; readonly bytes: number }
  | { readonly do: 'ack' | 'refuse' | 'not reached' | 'reopen' }

export function openAt(folder: string, attemptsMax: number, atStep?: AtStep): Promise<FileOutbox> {
  return openOutbox(join(folder, 'outbox.jsonl'), { attemptsMax }, atStep)
}

/** Takes a step on an outbox. `next` is the number of the next event that is stored. */
export async function takeStep(outbox: FileOutbox, step: OutboxStep, next: number): Promise<void> {
  if (step.do === 'reopen') return
  if (step.do === 'store') {
    const events = Array.from({ length: step.count }, (_, index) => placed(next + index, 'x'.repeat(step.bytes)))
    return outbox.storeEvents(events, { context: {}, signal })
  }
  const batch = await outbox.receiveEventBatch({ signal })
  if (step.do === 'ack') return batch?.ack?.({ signal })
  const cause = step.do === 'refuse' ? new Error('no') : new GestaError('broker_unavailable', 'away')
  await batch?.nack?.(cause, { signal })
}

/** What a step makes of a state. */
export function stateAfter(
  { waiting, dead }: OutboxState,
  step: OutboxStep,
  next: number,
  attemptsMax: number,
): OutboxState {
  if (step.do === 'store') {
    const stored = Array.from({ length: step.count }, (_, index) => [next + index, 0] as const)
    return { waiting: [...waiting, ...stored], dead }
  }
  if (step.do === 'reopen' || step.do === 'not reached') return { waiting, dead }
  // What failed once is delivered alone.
  const retried = waiting.findIndex(([, attempts]) => attempts > 0)
  const count = retried === 0 ? 1 : retried === -1 ? waiting.length : retried
  const [batch, rest] = [waiting.slice(0, count), waiting.slice(count)]
  if (step.do === 'ack') return { waiting: rest, dead }
  const failed = batch.map(([n, attempts]) => [n, attempts + 1] as const)
  return {
    waiting: [...failed.filter(([, attempts]) => attempts < attemptsMax), ...rest],
    dead: [...dead, ...failed.filter(([, attempts]) => attempts >= attemptsMax).map(([n]) => n)],
  }
}
