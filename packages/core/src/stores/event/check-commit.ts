// What every event store refuses before anything is stored: texts that cannot be kept exactly, payloads over the limit,
// and commits that make no sense. Adapters call this first; the conformance suite checks that they do.
import { checkPayloadSize, payloadBytesMax } from '../../codec/json.ts'
import { checkKey } from '../../codec/key-text.ts'
import { GestaError } from '../../errors/gesta-error.ts'
import type { Commit, StreamAppend } from '../commit.ts'
import { checkAuditEntry } from '../audit/check-audit.ts'
import { noMetadata } from '../command-log/command-detail.ts'
import type { CommandDetail } from '../command-log/command-record.ts'
import { isSealed } from '../key/sealed-text.ts'
import { checkContext } from './check-context.ts'
import { CheckedRead, checkRead } from './checked-read.ts'

/**
 * Throws when a commit cannot be stored as it is, else returns the number of characters of its payloads (adapters bound
 * their groups by it). Errors: `invalid_key`, `payload_too_large`, `invalid_output`; a plain `Error` for a mistake of the engine:
 * a stream that is named twice or has no events.
 */
export function checkCommit(commit: Commit): number {
  const { streams, reads, header, idempotency } = commit
  // An app without tenants uses the empty text, and a caller without an identity is an empty sender.
  if (commit.tenant !== '') checkKey(commit.tenant, 'tenant')
  checkKey(commit.commandId, 'command id')
  checkKey(header.commandType, 'command type')
  if (idempotency !== undefined) {
    if (idempotency.sender !== '') checkKey(idempotency.sender, 'sender')
    checkKey(idempotency.key, 'idempotency key')
  }
  checkContext(commit.context)
  let characters = checkText(commit.context, 'context')
  if (header.answer !== undefined) characters += checkText(header.answer, 'answer')
  if (commit.detail !== undefined) characters += checkDetail(commit.detail)
  for (let index = 0; index < streams.length; index += 1) {
    const stream = streams[index] as StreamAppend
    if (index > 0) checkNamedOnce(streams, index)
    characters += checkStream(stream)
  }
  for (const read of reads) if (!CheckedRead.is(read)) checkRead(read)
  for (const message of commit.messages) {
    checkKey(message.key, 'message key')
    characters += checkPart(message.type, message.data, 'message')
  }
  for (const job of commit.jobs) characters += checkPart(job.type, job.data, 'job')
  for (const entry of commit.audit) {
    checkAuditEntry(entry)
    characters += checkPart(entry.action, entry.data, 'audit entry')
  }
  return characters
}

/** What a payload at its limit has when it is sealed: a third more in base64url, and what names its key. */
const sealedBytesMax = Math.ceil((payloadBytesMax * 4) / 3) + 1024

/** Made by the engine within its limits: what is left to check is the text that a caller wrote. */
function checkDetail({ payload, metadata, error }: CommandDetail): number {
  let characters = error?.message.length ?? 0
  if (metadata !== noMetadata) for (const name in metadata) characters += name.length + (metadata[name]?.length ?? 0)
  if (payload === undefined) return characters
  return characters + checkText(payload, 'payload', isSealed(payload) ? sealedBytesMax : payloadBytesMax)
}

function checkStream(stream: StreamAppend): number {
  checkKey(stream.aggregateType, 'aggregate type')
  checkKey(stream.aggregateId, 'aggregate id')
  if (stream.events.length === 0) {
    throw new Error(
      `Expected at least one event for stream ${nameOf(stream)}, received none. Leave the stream out, or make it a read condition.`,
    )
  }
  let characters = 0
  for (const event of stream.events) characters += checkPart(event.type, event.data, 'event')
  return characters
}

function checkNamedOnce(streams: readonly StreamAppend[], index: number): void {
  const stream = streams[index] as StreamAppend
  for (let earlier = 0; earlier < index; earlier += 1) {
    const other = streams[earlier] as StreamAppend
    if (other.aggregateId === stream.aggregateId && other.aggregateType === stream.aggregateType) {
      throw new Error(
        `Expected each stream once in a commit, received ${nameOf(stream)} twice. Put its events into one list.`,
      )
    }
  }
}

function checkPart(type: string, data: string, what: string): number {
  checkKey(type, what)
  return checkText(data, what)
}

/** A payload is JSON text: NUL and lone surrogates are escapes in it, so as characters they would be lost on the way to the disk. */
function checkText(text: string, what: string, bytesMax = payloadBytesMax): number {
  if (text.length * 3 > bytesMax) checkPayloadSize(text, what, bytesMax)
  if (!text.isWellFormed() || text.includes('\0')) {
    throw new GestaError(
      'invalid_output',
      `Expected the ${what} to be JSON text, received a lone surrogate or NUL that is not escaped. Make it with JSON.stringify.`,
    )
  }
  return text.length
}

function nameOf(stream: StreamAppend): string {
  return `${stream.aggregateType} ${stream.aggregateId}`
}
