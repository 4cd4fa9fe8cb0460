import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { reportOf } from '../../src/run/report.ts'

const locks = 'packages/postgres/test/locks.test.ts'
const eventStore = 'packages/postgres/test/event-store.test.ts'

describe('a report', () => {
  test('has one line per backend, with its suites, and with other files that used it', () => {
    const { lines, missing } = reportOf(
      [
        { suite: 'read-model store', file: 'packages/core/test/stores/read-model/memory-read-model-store.test.ts' },
        { suite: 'event store', file: 'packages/core/test/stores/event/memory-event-store.test.ts' },
        { suite: 'event store', file: 'packages/sqlite/test/event-store.test.ts' },
        { suite: 'event store', file: eventStore },
        { suite: 'event store', file: 'packages/nats/test/event-store.test.ts' },
      ],
      [
        { file: eventStore, title: 'PostgreSQL', description: 'PostgreSQL 18 at db' },
        { file: locks, title: 'PostgreSQL', description: 'PostgreSQL 18 at db' },
        { file: locks, title: 'PostgreSQL', description: 'PostgreSQL 18, started by each test' },
      ],
    )
    assert.deepEqual(lines, [
      'memory: event store, read-model store',
      'packages/nats: event store',
      'PostgreSQL 18 at db: event store, postgres/locks',
      'PostgreSQL 18, started by each test: postgres/locks',
      `SQLite ${process.versions.sqlite} (node:sqlite): event store`,
    ])
    assert.deepEqual(missing, [])
  })

  test('says what was not tested, once per reason', () => {
    const { missing } = reportOf(
      [],
      [
        { file: locks, title: 'PostgreSQL', missing: 'PostgreSQL could not be had.' },
        { file: eventStore, title: 'PostgreSQL', missing: 'PostgreSQL could not be had.' },
        { file: 'examples/shop/test/cache.test.ts', title: 'Redis', missing: 'Redis could not be had.' },
      ],
    )
    assert.deepEqual(missing, [
      'NOT TESTED: postgres/event-store, postgres/locks. PostgreSQL could not be had.',
      'NOT TESTED: shop/cache. Redis could not be had.',
    ])
  })

  test('says what did not run on the server that there was, once per reason', () => {
    const { lines, missing, notRun } = reportOf(
      [],
      [
        { file: 'packages/kafka/test/groups.test.ts', title: 'Kafka', description: 'Kafka mock' },
        { file: 'packages/kafka/test/groups.test.ts', title: 'Kafka', notRun: 'It is a mock.' },
        { file: 'packages/kafka/test/broker.test.ts', title: 'Kafka', notRun: 'It is a mock.' },
      ],
    )
    assert.deepEqual([lines, missing], [['Kafka mock: kafka/groups'], []])
    assert.deepEqual(notRun, ['NOT RUN in full: kafka/broker, kafka/groups. It is a mock.'])
  })

  test('does not guess a backend when Node does not tell the file', () => {
    const { lines } = reportOf([{ suite: 'event store' }], [])
    assert.match(lines[0] ?? '', /^unknown backend \(Node .* does not tell the files of tests\): event store$/)
  })
})
