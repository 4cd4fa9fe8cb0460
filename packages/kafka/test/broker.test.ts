import { describe, test } from 'node:test'
import { runBrokerSuite } from '@gesta/core/conformance/broker'
import { kafkaForTests } from '@gesta/services'
import { openTestBus } from './bus-place.ts'
import { runtime } from './runtime.ts'

const kafka = await kafkaForTests()
const unlessMock = (reason: string): true | string =>
  kafka.skipOnMock === false ? true : `${reason}: ${kafka.skipOnMock}`

describe('on Kafka', { skip: kafka.skip }, () => {
  runBrokerSuite(
    test,
    async () => {
      const place = kafka.newTopics()
      return { runtime, open: () => openTestBus(place), remove: async () => undefined }
    },
    {
      redelivers: true,
      // That a group keeps what comes while it has no receiver is shown in groups.test.ts on the mock cluster too.
      lasting: unlessMock('groups cannot be removed from the mock cluster'),
      durable: true,
      shared: unlessMock('two members do not share a group of the mock cluster'),
    },
  )
})
