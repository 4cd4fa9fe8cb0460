// What Kafka and the network say, as the codes that callers know.
import { findErrorBy } from '@platformatic/kafka'
import { GestaError } from '@gesta/core/ports'
import type { ErrorCode } from '@gesta/core/ports'

const fenced: readonly [ErrorCode, string] = [
  'broker_closed',
  'but another publisher was opened under the same transactionalId and has taken its place. Close this one; give processes that run side by side names of their own.',
]
/** What a broker answers. https://kafka.apache.org/protocol.html#protocol_error_codes */
const answers: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  MESSAGE_TOO_LARGE: [
    'payload_too_large',
    'but a message is larger than the topic allows. Lower messageBytesMax, or raise max.message.bytes of the topic.',
  ],
  RECORD_LIST_TOO_LARGE: [
    'payload_too_large',
    'but a batch is larger than the topic allows. Lower messageBytesMax, or raise segment.bytes of the topic.',
  ],
  INVALID_PRODUCER_EPOCH: fenced,
  PRODUCER_FENCED: fenced,
  TOPIC_AUTHORIZATION_FAILED: [
    'broker_unavailable',
    'but the user may not use the topic. Give it the rights that the reference names.',
  ],
  GROUP_AUTHORIZATION_FAILED: [
    'broker_unavailable',
    'but the user may not use the consumer group. Give it the rights that the reference names.',
  ],
  CLUSTER_AUTHORIZATION_FAILED: [
    'broker_unavailable',
    'but the user may not do this. Give it the rights that the reference names.',
  ],
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: [
    'broker_unavailable',
    'but the user may not use the transactional id. Give it the rights that the reference names.',
  ],
  NON_EMPTY_GROUP: [
    'broker_unavailable',
    'but the group still has receivers in another process. Stop them, and remove it again.',
  ],
  UNKNOWN_TOPIC_OR_PARTITION: [
    'broker_unavailable',
    'but there is no such topic. Make it, or allow the brokers to make topics (auto.create.topics.enable).',
  ],
}

/** The error that a caller sees; errors of ours stay what they are. */
export function kafkaError(error: unknown, brokers: readonly string[]): GestaError {
  if (error instanceof GestaError) return error
  const [code, message] = answerOf(error)
  const address = brokers.join(', ')
  return new GestaError(code, `Expected Kafka at ${address} to answer, ${message}`, {
    cause: error,
    facts: { brokers },
  })
}

export function isUnknownGroup(error: unknown): boolean {
  return says(error, 'apiId', 'GROUP_ID_NOT_FOUND')
}

/** Whether the user, or what it may do, has to change before an answer can be another one. */
export function isForbidden(error: unknown): boolean {
  const ids = Object.keys(answers).filter((id) => id.endsWith('_AUTHORIZATION_FAILED'))
  return isUnauthenticated(error) || ids.some((id) => says(error, 'apiId', id))
}

function isUnauthenticated(error: unknown): boolean {
  return says(error, 'code', 'PLT_KFK_AUTHENTICATION')
}

/** Whether an error of the client, or one of those in it, has this property. */
function says(error: unknown, property: string, value: string): boolean {
  return error instanceof Error && findErrorBy(error, property, value) !== null
}

function answerOf(error: unknown): readonly [ErrorCode, string] {
  for (const [id, answer] of Object.entries(answers)) if (says(error, 'apiId', id)) return answer
  if (isUnauthenticated(error))
    return [
      'broker_unavailable',
      'but it refuses the user, the password or the mechanism. Look at the option sasl, and at the log of the broker.',
    ]
  return [
    'broker_unavailable',
    'but there was no answer in time. It is tried again with the next call; look at the cause if it goes on.',
  ]
}

/** A call that had no answer in time. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

export function brokerClosed(): GestaError {
  return new GestaError(
    'broker_closed',
    'Expected the bus on Kafka to be open, but it was closed. Close it after everything that publishes and receives.',
  )
}
