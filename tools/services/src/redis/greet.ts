// A conversation with Redis that shows whether tests can use it.
import { connectRedis } from './connection.ts'

/** Returns the version. */
export async function greetRedis(url: string): Promise<string> {
  using connection = await connectRedis(url)
  const info = String(await connection.call('INFO', 'server'))
  const version = /redis_version:(\S+)/.exec(info)?.[1]
  if (version === undefined) throw new Error('a server that does not tell its version')
  // A server that loads its data answers INFO, and nothing else.
  await connection.call('PING')
  return version
}
