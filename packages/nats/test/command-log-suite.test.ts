// The conformance suite of command logs on JetStream.
import { describe, test } from 'node:test'
import { runSuite } from '@gesta/core/conformance/command-log'
import type { StorePlace } from '@gesta/core/conformance/command-log'
import type { CommandLogStore } from '@gesta/core/ports'
import { natsForTests } from '@gesta/services'
import { natsCommandLog } from '../src/index.ts'
import { runtime } from './runtime.ts'

const nats = await natsForTests()

describe('a command log on JetStream', { skip: nats.skip }, () => {
  runSuite(
    test,
    async (): Promise<StorePlace<CommandLogStore>> => {
      const streams = nats.newStreams()
      const log = natsCommandLog({ servers: streams.url, prefix: streams.prefix })
      return { open: () => log.open(runtime), remove: async () => streams[Symbol.asyncDispose]() }
    },
    { durable: true, shared: true },
  )
})
