// Given, when, then of a process manager: its functions alone, without a store. No method is called `then`: `await` would call it.
import assert from 'node:assert/strict'
import { decode, deepFreeze, encode } from '../codec/json.ts'
import type { AnyEvent } from '../contracts/contract.ts'
import type { Command, Job } from '../contracts/messages.ts'
import type { Position, RecordedEvent } from '../contracts/recorded-event.ts'
import type { ProcessManager } from '../process-managers/process-manager.ts'
import { processManagerParts } from '../process-managers/process-manager-parts.ts'
import { moved, ProcessMoved, processAggregate } from '../process-managers/process.ts'
import type { Process, ProcessMovedData } from '../process-managers/process.ts'
import { jobFor, reactTo } from '../process-managers/react.ts'
import type { Happening } from '../process-managers/react.ts'
import type { Sendable } from '../process-managers/sendable.ts'
import { PassDeadline, SendCommand } from '../process-managers/sent-jobs.ts'
import type { DeadlineData, SendData } from '../process-managers/sent-jobs.ts'
import { emptyContext } from '../request-context/request-context.ts'
import type { Past } from './stage.ts'

type Details<Value> = [Value] extends [undefined] ? [] : undefined extends Value ? [details?: Value] : [details: Value]

/** Nothing is changed by what is asked of it; each method gives another one. Errors: what the functions throw. */
export interface ProcessScenario<State> {
  /** Adds events that happened before, in this order. */
  given(...past: readonly Past[]): ProcessScenario<State>
  /** Adds events; the last one is asked about. */
  when(...past: readonly Past[]): ProcessThen<State>
  /** A deadline passes for a key. Errors: an `AssertionError` when it is not set. */
  whenDeadline(name: string, key: string): ProcessThen<State>
  /** A command that was sent for a key is rejected. */
  whenRejected<Rejections, Code extends keyof Rejections & string>(
    key: string,
    command: Command<string, unknown, unknown, Rejections>,
    code: Code,
    ...details: Details<Rejections[Code]>
  ): ProcessThen<State>
  /** A command or job that was sent for a key is given up. */
  whenFailed(
    key: string,
    message: Command<string, unknown, unknown, unknown> | Job<string, unknown>,
  ): ProcessThen<State>
}
/** What came of it. Errors: an `AssertionError`. */
export interface ProcessThen<State> extends ProcessScenario<State> {
  /** Just these, in this order. */
  thenSent(...messages: readonly Sendable[]): ProcessThen<State>
  thenState(state: State): ProcessThen<State>
  /** Just these deadlines were set, with their milliseconds. */
  thenDeadlines(deadlinesMs: { readonly [name: string]: number }): ProcessThen<State>
  /** Whether the process is over. */
  thenOver(isOver?: boolean): ProcessThen<State>
}

interface Step {
  readonly key: string
  readonly process: Process
  readonly jobs: readonly Job<string, unknown>[]
}
interface Stage {
  readonly processes: ReadonlyMap<string, Process>
  readonly events: number
  readonly last: Step | undefined
}

/** Tries a process manager out. Reference: docs/reference/domain-tests.md. */
export function processScenario<Name extends string, State>(
  manager: ProcessManager<Name, State>,
): ProcessScenario<State> {
  const parts = processManagerParts(manager)
  const initial = (): Process => deepFreeze(processAggregate(parts).initial() as Process)

  const happen = (stage: Stage, key: string, happened: Happening): Stage => {
    const before = stage.processes.get(key) ?? initial()
    const { messages } = reactTo(parts, before, { key, cause: `given.${stage.events}`, happened })
    let process = before
    const jobs: Job<string, unknown>[] = []
    for (const message of messages)
      if (message.kind === 'job') jobs.push(message)
      else if (message.type === ProcessMoved.type) process = moved(process, asStored(message.data) as ProcessMovedData)
    return {
      processes: new Map(stage.processes).set(key, process),
      events: stage.events + 1,
      last: { key, process, jobs },
    }
  }
  const take = (from: Stage, past: readonly Past[]): Stage => {
    let stage = from
    for (const { aggregate, id, events } of past)
      for (const said of events) {
        const to = parts.events.get(`domain:${said.type}`)
        const event = recorded(aggregate, id, said, stage.events + 1)
        const key = to?.key(said.data, event)
        if (typeof key !== 'string') {
          stage = { ...stage, events: stage.events + 1, last: undefined }
          continue
        }
        const name = `domain:${said.type}`
        stage = happen(stage, key, { kind: 'event', name, data: said.data, event, place: undefined })
      }
    return stage
  }
  const asked = (stage: Stage): ProcessThen<State> => {
    const { key = '', process = initial(), jobs = [] } = stage.last ?? {}
    const scene: ProcessThen<State> = {
      given: (...past) => asked(take(stage, past)),
      when: (...past) => asked(take(stage, past)),
      whenDeadline: (name, of) => {
        const no = stage.processes.get(of)?.deadlines[name]
        assert.ok(no !== undefined, `The deadline "${name}" is not set for "${of}".`)
        return asked(happen(stage, of, { kind: 'deadline', name, no }))
      },
      whenRejected: (of, { type, data }, code, ...[details]) => {
        const rejection = { rejected: true, code, reason: code, details }
        return asked(happen(stage, of, { kind: 'rejected', name: type, told: { rejection, data } }))
      },
      whenFailed: (of, { kind, type, data }) => {
        const told = { data, error: 'Error', attempts: 1 }
        return asked(happen(stage, of, { kind: 'failed', name: `${kind}:${type}`, told }))
      },
      thenSent: (...messages) => {
        const sent = jobs.filter(({ type }) => type !== PassDeadline.type)
        const expected = messages.map((message) => shown(jobFor(parts, key, message)))
        assert.deepEqual(sent.map(shown), expected, 'The process has sent something else.')
        return scene
      },
      thenState: (state) => {
        assert.deepEqual(asStored(process.state), asStored(state), 'The process has another state.')
        return scene
      },
      thenDeadlines: (deadlinesMs) => {
        const set = jobs.filter(({ type }) => type === PassDeadline.type)
        const found = set.map(({ data, options }) => [(data as DeadlineData).name, options?.delayMs])
        assert.deepEqual(Object.fromEntries(found), deadlinesMs, 'The process has set other deadlines.')
        return scene
      },
      thenOver: (isOver = true) => {
        assert.equal(process.isOver, isOver, `Expected the process ${isOver ? '' : 'not '}to be over.`)
        return scene
      },
    }
    return scene
  }
  return asked({ processes: new Map(), events: 0, last: undefined })
}

/** As it comes back from a store: frozen, and without what JSON leaves out. */
function asStored(value: unknown): unknown {
  return decode(encode(value, 'the state of a process'))
}

/** As a reader of a failed test wants to see it. */
function shown({ type, data, options }: Job<string, unknown>): unknown {
  const value = JSON.parse(JSON.stringify({ data: data ?? null, options: options ?? {} })) as {
    readonly data: unknown
    readonly options: object
  }
  if (type !== SendCommand.type) return { job: type, ...value }
  const sent = value.data as SendData
  return { command: sent.type, data: sent.data, options: value.options }
}

function recorded(
  aggregate: string,
  id: string,
  said: AnyEvent & { readonly data: unknown },
  at: number,
): RecordedEvent {
  return {
    id: `given.${at}`,
    commandId: 'given',
    type: said.type,
    data: said.data,
    schemaVersion: 1,
    position: at as Position,
    tenant: '',
    workspace: undefined,
    domain: said.type.slice(0, said.type.indexOf('.')),
    aggregate: { type: aggregate, id },
    version: at,
    recordedAt: '2026-01-02T03:04:05.000Z',
    context: emptyContext,
  }
}
