import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { pino } from 'pino'
import { createLogDestination } from '../../../src/stores/log/log-destination.ts'
import { createMemoryLogStore } from '../../../src/stores/log/memory-log-store.ts'
import { runtime } from '../runtime.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'

describe('pino', () => {
  test('writes into a log store: levels, children, errors, and flushes', async () => {
    const log = createMemoryLogStore(runtime.clock)
    await using destination = createLogDestination(log, runtime.clock)
    const logger = pino({ level: 'trace', base: null, redact: ['password'] }, destination)
    logger.trace({ rows: 3, password: 'secret' }, 'imported')
    logger.child({ tenant: 'acme', trace_id: traceId }).error(new Error('no order'), 'row %d', 4)
    logger.fatal('end')
    await new Promise<void>((resolve, reject) => {
      logger.flush((error) => (error === undefined ? resolve() : reject(error)))
    })
    const { items } = await log.list({ order: 'oldest' })
    assert.deepEqual(
      items.map(({ level, tenant, text, traceId: trace }) => [level, tenant, text, trace]),
      [
        ['trace', '', 'imported', undefined],
        ['error', 'acme', 'row 4', traceId],
        ['fatal', '', 'end', undefined],
      ],
    )
    assert.equal(items[0]?.fields, '{"rows":3,"password":"[Redacted]"}')
    assert.match(items[1]?.fields ?? '', /"type":"Error","message":"no order"/)
  })

  test('writes into several streams, of which a log store is one', async () => {
    const log = createMemoryLogStore(runtime.clock)
    const lines: string[] = []
    {
      await using destination = createLogDestination(log, runtime.clock)
      const other = { write: (line: string) => void lines.push(line) }
      pino({ level: 'info' }, pino.multistream([{ stream: destination }, { stream: other }])).info('both')
    }
    assert.equal(lines.length, 1)
    assert.deepEqual(
      (await log.list({})).items.map(({ text }) => text),
      ['both'],
    )
  })
})
