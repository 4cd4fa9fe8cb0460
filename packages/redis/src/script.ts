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

/** Runs a script by its hash; a server that does not know it yet is given its text. */
export async function runScript(
  client: RedisClientType,
  { text, hash }: Script,
  keys: readonly string[],
  values: readonly string[],
): Promise<unknown> {
  const given = { keys: [...keys], arguments: [...values] }
  try {
    return await client.evalSha(hash, given)
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return client.eval(text, given)
  }
}
