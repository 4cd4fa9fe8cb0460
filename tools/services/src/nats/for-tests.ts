// NATS as test files ask for it.
import { findPrograms } from '../find.ts'
import type { OwnServer } from '../own/own-server.ts'
import { accessPrograms, accessServer } from '../run/access.ts'
import { launchNats } from './launch.ts'
import type { NatsOptions } from './launch.ts'
import { nats } from './nats.ts'
import { chooseStreams } from './streams.ts'
import type { TestStreams } from './streams.ts'

export interface NatsForTests {
  /** For `describe` and `test`: `false`, or the reason why there is no server. In CI it is `false`, and tests fail. */
  readonly skip: string | false
  /** A prefix that no stream has. What is not disposed is deleted when the run ends. */
  newStreams(): TestStreams
}

export interface OwnNatsForTests {
  /** As in `NatsForTests`. */
  readonly skip: string | false
  start(options?: NatsOptions): Promise<OwnServer>
}

/** The server that all tests share. It may belong to somebody: use the prefix, and leave the rest alone. */
export async function natsForTests(): Promise<NatsForTests> {
  const { skip, get } = await accessServer(nats)
  return {
    skip,
    newStreams: () => {
      const { url, run } = get()
      return chooseStreams(url, run)
    },
  }
}

/** Servers of a test's own, which it may stop, crash and start again. */
export async function ownNatsForTests(): Promise<OwnNatsForTests> {
  const { skip, get } = await accessPrograms(nats)
  return { skip, start: async (options) => launchNats(get(), options) }
}

/** The same outside of tests: finds the program first, and throws an error that says what to install. */
export async function startNats(options?: NatsOptions): Promise<OwnServer> {
  return launchNats(await findPrograms(nats), options)
}
