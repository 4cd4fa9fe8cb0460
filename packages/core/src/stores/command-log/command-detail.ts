// What a commit carries for the command log beside its header, and how a database keeps it: the payload as a text of its own, the rest
// as one JSON text that leaves out what most commands do not have.
import type { StoredHeader } from '../commit.ts'
import type { LogIdentity } from '../event/event-store.ts'
import { messageId } from '../outbox/message-id.ts'
import type { CommandDetail, CommandRecord, RecordedPlace } from './command-record.ts'

/** All but the payload, as JSON text. */
export function encodeDetail(detail: CommandDetail): string {
  const { durationUs, metadata, error, permission, idempotencyKey, duplicateOf } = detail
  const { retries, messages, jobs, redacted, truncated } = detail
  return JSON.stringify({
    durationUs,
    metadata: metadata === noMetadata || Object.keys(metadata).length === 0 ? undefined : metadata,
    error,
    permission,
    idempotencyKey,
    duplicateOf,
    retries: retries === 0 ? undefined : retries,
    messages: messages === 0 ? undefined : messages,
    jobs: jobs === 0 ? undefined : jobs,
    redacted: redacted.length === 0 ? undefined : redacted,
    truncated: truncated.length === 0 ? undefined : truncated,
  })
}

/** `detail`: the text of `encodeDetail`; absent for a header that was stored without one. */
export function decodeDetail(detail: string | undefined, payload: string | undefined): CommandDetail | undefined {
  if (detail === undefined) return undefined
  return { ...emptyDetail, ...(JSON.parse(detail) as Partial<CommandDetail>), payload }
}

/** A detail as memory keeps it: without what most commands do not have, which is most of it. */
export type KeptDetail = Pick<CommandDetail, 'payload' | 'durationUs' | 'permission'> & Partial<CommandDetail>

/** The detail to keep; its metadata is no longer the caller's to change. */
export function keptDetail(detail: CommandDetail): KeptDetail {
  const { payload, durationUs, permission, metadata, error, idempotencyKey, duplicateOf } = detail
  const isPlain =
    metadata === noMetadata &&
    error === undefined &&
    idempotencyKey === undefined &&
    duplicateOf === undefined &&
    detail.retries + detail.messages + detail.jobs + detail.redacted.length + detail.truncated.length === 0
  return isPlain ? { payload, durationUs, permission } : { ...detail, metadata: { ...metadata } }
}

export function wholeDetail(kept: KeptDetail): CommandDetail {
  return { ...emptyDetail, ...kept }
}

/** What is left of a detail, or of a record, whose payload, metadata and words were taken out. */
export function redactedDetail<Detail extends Redactable>(detail: Detail): Detail {
  const { error, permission } = detail
  return {
    ...detail,
    payload: undefined,
    metadata: noMetadata,
    error: error && { code: error.code, message: '' },
    permission: permission && { asked: permission.asked, allowed: permission.allowed },
    redacted: ['*'],
    truncated: none,
  }
}

type Redactable = Pick<CommandDetail, 'payload' | 'metadata' | 'error' | 'permission' | 'redacted' | 'truncated'>

/** The record of a header. `detail` is absent for one that was stored without. */
export function recordOf(header: StoredHeader, detail: CommandDetail | undefined, log: LogIdentity): CommandRecord {
  const { tenant, commandId, commandType, outcome, recordedAt, context, commitNo } = header
  const { durationUs, messages, jobs, ...rest } = detail ?? { ...emptyDetail, durationUs: undefined }
  return {
    tenant,
    commandId,
    commandType,
    status: outcome,
    recordedAt,
    context,
    durationUs,
    ...rest,
    events: eventsOf(header),
    messages: numbered(messages, (index) => messageId(log, { tenant, commandId, index })),
    jobs: numbered(jobs, (index) => `${commandId}.j${index}`),
    commitNo,
  }
}

function eventsOf({ commandId, position, eventCount }: StoredHeader): readonly RecordedPlace[] {
  return numbered(eventCount, (index) => ({
    id: `${commandId}.${index}`,
    position: position - eventCount + 1 + index,
  }))
}

function numbered<Item>(count: number, make: (index: number) => Item): readonly Item[] {
  return count === 0 ? none : Array.from({ length: count }, (_, index) => make(index))
}

const none: readonly never[] = []
/** Shared by the commands that have none. */
export const noMetadata: { readonly [name: string]: string } = Object.freeze({})
const emptyDetail: CommandDetail = {
  durationUs: 0,
  payload: undefined,
  metadata: noMetadata,
  error: undefined,
  permission: undefined,
  idempotencyKey: undefined,
  duplicateOf: undefined,
  retries: 0,
  messages: 0,
  jobs: 0,
  redacted: none,
  truncated: none,
}
