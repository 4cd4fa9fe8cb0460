// Records of commands, and traces, as the admin address shows them: times that people can read, the context as an object, and the
// payload as the value that it is.
import type { CommandRecord, Trace, TracedCommand, TracedRecord } from '@gesta/core'
import { instantOf } from './instant.ts'

type Json = { readonly [name: string]: unknown }

/** A payload that was cut is its text; `truncated` says so. */
export function recordJson(record: CommandRecord | TracedRecord): Json {
  const { tenant, commandId, commandType, status, recordedAt, context, ...rest } = record
  return {
    tenant,
    commandId,
    commandType,
    status,
    recordedAt: instantOf(recordedAt),
    context: valueOf(context),
    ...rest,
    ...('payload' in record && { payload: payloadOf(record) }),
  }
}

export function traceJson({ commands, ...trace }: Trace): Json {
  return { ...trace, commands: commands.map(tracedJson) }
}

/** Traces are never so deep that this, or writing them as JSON, could run out of stack. */
function tracedJson({ record, events, messages, jobs, followed }: TracedCommand): Json {
  return {
    record: recordJson(record),
    events: events.map((event) => ({ ...withFollowed(event), recordedAt: instantOf(event.recordedAt) })),
    messages: messages.map(withFollowed),
    jobs: jobs.map(withFollowed),
    followed: followed.map(tracedJson),
  }
}

function withFollowed<Part extends { readonly followed: readonly TracedCommand[] }>({ followed, ...part }: Part) {
  return { ...part, followed: followed.map(tracedJson) }
}

function payloadOf({ payload, truncated }: CommandRecord): unknown {
  return payload === undefined || truncated.includes('payload') ? payload : valueOf(payload)
}

/** Text that is no JSON stays text. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
