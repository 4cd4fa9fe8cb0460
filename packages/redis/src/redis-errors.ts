// What Redis and the network say, as the codes that callers of a store or of a broker know.
import { ErrorReply } from '@redis/client'
import { GestaError, storeClosed } from '@gesta/core/ports'
import type { ErrorCode } from '@gesta/core/ports'

/** What callers of a connection are told when it fails. */
export interface Failures {
  closed(): GestaError
  /** The error that a caller sees; errors of something else stay what they are. */
  of(error: unknown, address: string): unknown
}

const cluster: readonly [ErrorCode, string] = [
  'store_unavailable',
  'but it is a node of a cluster. Give the URL of a server that holds all keys.',
]
/** What a server answers begins with a word in capitals. https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const answers: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  OOM: [
    'store_full',
    'but its memory is full and it may not evict. Raise maxmemory, or set a maxmemory-policy that evicts.',
  ],
  MISCONF: ['store_full', 'but it cannot save its data to its disk. Look at its log.'],
  READONLY: ['store_read_only', 'but it is a replica. Give the URL of the primary.'],
  NOAUTH: ['store_unavailable', 'but it asks for a password. Put it into the URL.'],
  WRONGPASS: ['store_unavailable', 'but it refuses the user or the password. Look at the URL.'],
  NOPERM: [
    'store_unavailable',
    'but the user may not do this. Give it the right to the commands and keys that the reference names.',
  ],
  CLUSTERDOWN: cluster,
  MOVED: cluster,
  CROSSSLOT: cluster,
}

/** What is over after a while, or when somebody has looked after the server: whoever asks again is answered in the end. */
const passing: ReadonlySet<string> = new Set([
  'BUSY',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'NOREPLICAS',
  'OOM',
  'READONLY',
  'TRYAGAIN',
])

export const storeFailures: Failures = { closed: storeClosed, of: storeError }

export const brokerFailures: Failures = {
  closed: () =>
    new GestaError(
      'broker_closed',
      'Expected the broker to be open, but it was closed. Close it after everything that uses it.',
    ),
  of: (error, address) => {
    const found = storeError(error, address)
    if (!(found instanceof GestaError) || !found.code.startsWith('store_')) return found
    const message = wordOf(found.cause) === 'OOM' ? memoryFull(address) : found.message
    return new GestaError('broker_unavailable', message, { cause: found.cause, facts: found.facts })
  },
}

/** Whether it may go well to do the same again a little later. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof GestaError) || error.code !== 'broker_unavailable') return false
  const word = wordOf(error.cause)
  return word === undefined || passing.has(word)
}

/** Whether the server said so itself, so that it is there, and says it to everybody who comes so. */
export function isAnswer(error: unknown): boolean {
  return !(error instanceof GestaError) || wordOf(error.cause) !== undefined
}

function storeError(error: unknown, address: string): unknown {
  if (error instanceof GestaError || !(error instanceof Error)) return error
  const word = wordOf(error)
  const [code, message] = (word === undefined ? undefined : answers[word]) ?? [
    'store_unavailable',
    word === undefined
      ? 'but there was no answer. It is tried again with the next call; look at the cause if it goes on.'
      : `but it refused: ${error.message}. Look at its log.`,
  ]
  return new GestaError(code, `Expected Redis at ${address} to answer, ${message}`, {
    cause: error,
    facts: { address },
  })
}

/** The word that an answer of the server begins with; `undefined` for what the server did not say. */
function wordOf(error: unknown): string | undefined {
  return error instanceof ErrorReply ? (/^-?([A-Z]+)\b/.exec(error.message)?.[1] ?? 'ERR') : undefined
}

function memoryFull(address: string): string {
  return `Expected Redis at ${address} to have room, but its memory is full. Look for a group that nobody receives for, or raise maxmemory; it must not evict.`
}
