// A conversation with NATS that shows whether tests can use it.
import { jetstreamManager } from '@nats-io/jetstream'
import { connectNats } from './connection.ts'

/** Returns the version. */
export async function greetNats(url: string, ca?: string): Promise<string> {
  const client = await connectNats(url, ca)
  try {
    const version = client.info?.version ?? ''
    const [major = 0, minor = 0] = version.split('.').map(Number)
    if (major < 2 || (major === 2 && minor < 9)) throw new Error(`version ${version} is too old: tests need 2.9`)
    const manager = await jetstreamManager(client, { checkAPI: false })
    await manager.getAccountInfo().catch((error: unknown) => {
      throw new Error('JetStream is off: start nats-server with -js', { cause: error })
    })
    return version
  } finally {
    await client.close()
  }
}
