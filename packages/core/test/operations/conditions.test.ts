import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { conditionsOf } from '../../src/operations/conditions.ts'
import type { Condition, GrowthName } from '../../src/operations/conditions.ts'
import type { Look } from '../../src/operations/look.ts'
import { operations } from '../../src/operations/operational-event.ts'
import { operationsSettings } from '../../src/operations/options.ts'
import type { ReadModelStatus } from '../../src/pump/read-model-status.ts'
import { atUs, model, subscriber, well } from './looks.ts'

const settings = operationsSettings({}, 'test')
function found(fields: Partial<Look>, growing: readonly GrowthName[] = []): readonly Condition[] {
  return conditionsOf(well(fields), new Set(growing), settings)
}
const lagging = (lagMs: number): ReadModelStatus['metrics'] => ({ ...model().metrics, lagMs, lagEvents: 7 })
const queue = { queue: 'mail', isPaused: false, counts: {}, oldestPendingUs: undefined }
const lastError = 'TypeError'

/** Each name with a look at an app in which it is so, and what is told of it. */
const cases: readonly (readonly [string, Partial<Look>, Partial<Condition>, (readonly GrowthName[])?])[] = [
  ['store_unreachable', { storeError: 'store_closed' }, { subject: '', facts: { error: 'store_closed' } }],
  [
    'read_model_failed',
    {
      readModels: [
        model({ state: 'failed', lastError, failedAt: { eventId: 'secret', type: 'Order.Placed', position: 4 } }),
      ],
    },
    { subject: 'Orders', facts: { error: lastError, eventType: 'Order.Placed', position: 4 } },
  ],
  ['read_model_diverged', { readModels: [model({ state: 'diverged' })] }, { subject: 'Orders', facts: {} }],
  [
    'read_model_lagging',
    { readModels: [model({ metrics: lagging(30_001) })] },
    { subject: 'Orders', facts: { lagEvents: 7 }, forMs: 30_001 },
  ],
  ['read_model_parked', { readModels: [model({ parked: 2 })] }, { facts: { parked: 2 } }],
  ['read_model_halted', { readModels: [model({ state: 'paused' })] }, { facts: { state: 'paused' } }],
  ['subscriber_failed', { subscribers: [subscriber({ state: 'failed', lastError })] }, { subject: 'Mails' }],
  ['subscriber_diverged', { subscribers: [subscriber({ state: 'diverged' })] }, { subject: 'Mails' }],
  ['subscriber_retrying', { subscribers: [subscriber({ state: 'retrying' })] }, { subject: 'Mails' }],
  ['subscriber_lagging', { subscribers: [subscriber({ lag: 10_001 })] }, { facts: { lagEvents: 10_001 } }],
  ['source_retrying', { sources: [{ state: 'retrying', lastError }] }, { subject: '0', facts: { error: lastError } }],
  [
    'outbox_dead_letters',
    { outbox: { waiting: 0, dead: 3, commitsBehind: 0, oldestUs: undefined } },
    { facts: { dead: 3 } },
  ],
  [
    'outbox_lagging',
    { outbox: { waiting: 1, dead: 0, commitsBehind: 2, oldestUs: atUs - 60_001_000 } },
    { facts: { waiting: 1, commitsBehind: 2 }, forMs: 60_001 },
  ],
  [
    'relay_retrying',
    { relay: { state: 'retrying', sent: 0, held: 0, dead: 0, lastError } },
    { facts: { error: lastError } },
  ],
  ['job_dead_letters', { queues: [{ ...queue, counts: { dead_letter: 4 } }] }, { subject: 'mail', facts: { dead: 4 } }],
  [
    'job_queue_lagging',
    { queues: [{ ...queue, counts: { pending: 9 }, oldestPendingUs: 60_001_000 }] },
    { subject: 'mail', facts: { pending: 9 }, forMs: 60_001 },
  ],
  [
    'job_queue_paused',
    { queues: [{ ...queue, isPaused: true, counts: { pending: 9 }, oldestPendingUs: 90_000_000 }] },
    { subject: 'mail', facts: { pending: 9 } },
  ],
  [
    'job_worker_failing',
    {
      jobWorker: {
        worker: 'secret',
        state: 'retrying',
        running: {},
        ended: { succeeded: 0, failed: 0, snoozed: 0, released: 0, cancelled: 0 },
        lost: 0,
        lastError,
      },
    },
    { facts: { error: lastError } },
  ],
  [
    'cron_failing',
    { crons: [{ name: 'Report.Nightly', lastError }] },
    { subject: 'Report.Nightly', facts: { error: lastError } },
  ],
  [
    'process_parked',
    { processes: [{ name: 'Order.Payment', parked: 2, untold: [] }] },
    { facts: { count: 2 } },
    ['process_parked'],
  ],
  [
    'process_untold',
    { processes: [{ name: 'Order.Payment', parked: 0, untold: [lastError, 'Error'] }] },
    { subject: 'Order.Payment', facts: { untold: 2, error: lastError } },
  ],
  [
    'config_reload_failed',
    {
      config: {
        version: 1,
        since: '2026-01-01T00:00:00Z',
        pending: [],
        leftAside: [],
        failure: { at: '2026-01-01T00:00:00Z', step: 'parse', code: 'config_unreadable', reason: 'secret words' },
        reloads: 1,
        failures: 1,
        subscriberFailure: undefined,
      },
    },
    { subject: '', facts: { error: 'config_unreadable', step: 'parse' } },
  ],
  [
    'fanout_full',
    { fanout: { clients: 1, sent: 1, dropped: 0, refused: 5 } },
    { facts: { count: 5 } },
    ['fanout_full'],
  ],
  [
    'fanout_cut_off',
    { fanout: { clients: 1, sent: 1, dropped: 6, refused: 0 } },
    { facts: { count: 6 } },
    ['fanout_cut_off'],
  ],
  [
    'command_log_lost',
    { commandLog: { ...well().commandLog, lost: 7 } },
    { facts: { count: 7 } },
    ['command_log_lost'],
  ],
  [
    'command_log_copy_failing',
    { commandLog: { ...well().commandLog, copy: { active: true, commitNo: 1, lastError } } },
    { facts: { error: lastError } },
  ],
  [
    'retention_failing',
    { commandLog: { ...well().commandLog, retentionError: lastError } },
    { facts: { error: lastError } },
  ],
  ['audit_lost', { audit: { sampled: 0, lost: 8, lastError } }, { facts: { count: 8 } }, ['audit_lost']],
]

describe('what is not well', () => {
  test('is nothing while all is well', () => {
    assert.deepEqual(found({}), [])
    assert.deepEqual(found({ outbox: undefined, queues: [], fanout: undefined, relay: undefined }), [])
  })

  for (const [name, look, expected, growing] of cases)
    test(`is told as ${name}, and as nothing else`, () => {
      const [condition, ...others] = found(look, growing)
      assert.deepEqual(others, [])
      assert.equal(condition?.name, name)
      const told = Object.fromEntries(
        Object.keys(expected).map((field) => [field, condition?.[field as keyof Condition]]),
      )
      assert.deepEqual(told, expected)
    })

  test('has a case here for each name of the table', () => {
    assert.deepEqual(cases.map(([name]) => name).toSorted(), Object.keys(operations).toSorted())
  })

  test('begins beyond a bound, not at it', () => {
    assert.deepEqual(found({ readModels: [model({ metrics: lagging(30_000) })] }), [])
    assert.deepEqual(found({ subscribers: [subscriber({ lag: 10_000 })] }), [])
    assert.deepEqual(found({ queues: [{ ...queue, oldestPendingUs: 60_000_000 }] }), [])
  })

  test('names no lag of what stands still or is being built', () => {
    for (const state of ['restoring', 'failed', 'paused'] as const) {
      const names = found({ readModels: [model({ state, metrics: lagging(90_000) })] }).map(({ name }) => name)
      assert.equal(names.includes('read_model_lagging'), false)
    }
  })
})

describe('the options of watching', () => {
  test('are as they are by default unless they are given', () => {
    assert.equal(settings.everyMs, 10_000)
    assert.deepEqual(operationsSettings({ everyMs: undefined, jobAgeMaxMs: 5 }, 'test'), {
      ...settings,
      jobAgeMaxMs: 5,
    })
    assert.equal(operationsSettings({ everyMs: Infinity }, 'test').everyMs, Infinity)
  })

  test('are refused when they are unknown or out of bounds', () => {
    assert.throws(() => operationsSettings({ every: 1 } as never, 'test'), /everyMs/)
    for (const bad of [{ everyMs: 99 }, { everyMs: 3_600_001 }, { jobAgeMaxMs: -1 }, { quietMs: 1.5 }])
      assert.throws(() => operationsSettings(bad, 'test'), RangeError)
  })
})
