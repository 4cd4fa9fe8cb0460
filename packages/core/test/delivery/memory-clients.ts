// Clients of a hub in memory: what a transport does, without a network.
import type { FanoutOptions } from '@gesta/core/registry'
import { createHearing } from '../../src/conformance/fanout/index.ts'
import type { FanoutPlace, Heard, Listener } from '../../src/conformance/fanout/index.ts'
import type { FanoutWriter } from '../../src/delivery/fanout-client.ts'
import { openFanout } from '../../src/delivery/fanout-hub.ts'
import { runtime } from '../stores/runtime.ts'

export interface MemoryWriter extends FanoutWriter, Listener {
  /** Takes frames again, from the one that was refused on. */
  drain(): void
  /** Everything that was written, as text. */
  readonly text: string
}

/** A writer that keeps what is written, until it is told to take nothing. */
export function memoryWriter(): MemoryWriter {
  const hearing = createHearing()
  const draining: (() => void)[] = []
  const closing: (() => void)[] = []
  let full = false
  let over = false
  let text = ''
  const close = (reason: string | undefined): void => {
    if (over) return
    over = true
    hearing.hear({ kind: 'end', reason })
    for (const listener of closing) listener()
  }
  return {
    write: (frame) => {
      const written = Buffer.from(frame).toString()
      text += written
      const heard = heardIn(written)
      if (heard !== undefined) hearing.hear(heard)
      return !full
    },
    end: close,
    destroy: () => close(undefined),
    onDrain: (listener) => draining.push(listener),
    onClose: (listener) => closing.push(listener),
    next: hearing.next,
    stall: () => (full = true),
    leave: async () => close(undefined),
    drain: () => {
      full = false
      for (const listener of draining) listener()
    },
    get text() {
      return text
    },
  }
}

/** What a frame says; nothing for the one that announces the end. */
function heardIn(frame: string): Heard | undefined {
  const fields = new Map(
    frame
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  )
  const id = fields.get('id')
  const type = fields.get('event')
  if (type === 'close') return undefined
  if (type === undefined || id === undefined) return { kind: fields.has('retry') ? 'open' : 'heartbeat', id }
  const data: unknown = JSON.parse(fields.get('data') ?? '')
  return type === 'resync'
    ? { kind: 'resync', id, reason: (data as { readonly reason: string }).reason }
    : { kind: 'event', id, type, data }
}

export function memoryPlace(): FanoutPlace {
  return {
    runtime,
    open: async (options: FanoutOptions) => {
      const hub = openFanout(options, runtime)
      return {
        hub,
        connect: async (asking) => {
          const writer = memoryWriter()
          hub.connect(asking).open(writer)
          return writer
        },
        [Symbol.asyncDispose]: async () => hub[Symbol.asyncDispose](),
      }
    },
  }
}
