// An envelope on a transport that has headers, in the format that its publisher chose; readers find out which it is.
import {
  decodeBinaryCloudEvent,
  decodeCloudEvent,
  encodeBinaryCloudEvent,
  encodeCloudEvent,
  structuredContentType,
} from './cloud-event.ts'
import type { CloudMessage } from './cloud-event.ts'
import type { Envelope, EnvelopeDraft } from './envelope.ts'
import { decodeEnvelope, encodeEnvelope, sentEnvelope } from './envelope-text.ts'
import type { TransportFacts } from './envelope-text.ts'

/** `envelope`: our own JSON. `cloudevents`: CloudEvents 1.0 as one JSON text. `cloudevents-binary`: its attributes as headers. */
export type WireFormat = 'envelope' | 'cloudevents' | 'cloudevents-binary'
export const wireFormats: readonly WireFormat[] = ['envelope', 'cloudevents', 'cloudevents-binary']

/**
 * The message of an envelope; `prefix` is that of CloudEvents' headers in the protocol's binding.
 * Errors: `invalid_output` for a value that is no JSON.
 */
export function encodeWire(
  envelope: Envelope,
  format: WireFormat,
  prefix: 'ce-' | 'ce_',
  facts: TransportFacts = {},
): CloudMessage {
  if (format === 'envelope')
    return { headers: { 'content-type': 'application/json' }, body: encodeEnvelope(envelope, facts) }
  const sent = sentEnvelope(envelope, facts)
  if (format === 'cloudevents-binary') return encodeBinaryCloudEvent(sent, prefix)
  return { headers: { 'content-type': structuredContentType }, body: encodeCloudEvent(sent) }
}

/** The envelope of a message in any of the formats. Headers have names in lower case. Errors: `event_unreadable`. */
export function decodeWire(message: CloudMessage): EnvelopeDraft {
  if (message.headers['content-type']?.startsWith(structuredContentType) === true) return decodeCloudEvent(message.body)
  return decodeBinaryCloudEvent(message) ?? decodeEnvelope(message.body)
}
