// What Redis and the network say, as the codes that callers of a store know.
import { ErrorReply } from '@redis/client'
import { GestaError } from '@gesta/core/ports'
import type { ErrorCode } from '@gesta/core/ports'

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

/** The error that a caller sees; errors of something else stay what they are. */
export function redisError(error: unknown, address: string): unknown {
  if (error instanceof GestaError || !(error instanceof Error)) return error
  const said = error instanceof ErrorReply ? (/^-?([A-Z]+)\b/.exec(error.message)?.[1] ?? 'ERR') : undefined
  const [code, message] = (said === undefined ? undefined : answers[said]) ?? [
    'store_unavailable',
    said === undefined
      ? 'but there was no answer. It is tried again with the next call; look at the cause if it goes on.'
      : `but it refused: ${error.message}. Look at its log.`,
  ]
  return new GestaError(code, `Expected Redis at ${address} to answer, ${message}`, {
    cause: error,
    facts: { address },
  })
}
