// A script that Redis runs in one step, in Lua: nothing of another caller comes between.
import { createHash } from 'node:crypto'
import type { RedisClientType } from '@redis/client'

export interface Script {
  readonly text: string
  readonly hash: string
}

export function script(text: string): Script {
  return { text, hash: createHash('sha1').update(text).digest('hex') }
}

/** By their hashes: what went through a connection, so that the server knows it. */
const sent = new WeakMap<RedisClientType, Set<string>>()

/**
 * Runs a script. The first time on a connection its text goes along, and then its hash, so that calls without waiting in between are run
 * in their order. A server that has forgotten it is given it again.
 */
export async function runScript(
  client: RedisClientType,
  { text, hash }: Script,
  keys: readonly string[],
  values: readonly string[],
): Promise<unknown> {
  const given = { keys: [...keys], arguments: [...values] }
  const known = sent.get(client) ?? new Set<string>()
  sent.set(client, known)
  if (!known.has(hash)) {
    known.add(hash)
    return client.eval(text, given)
  }
  try {
    return await client.evalSha(hash, given)
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return client.eval(text, given)
  }
}
