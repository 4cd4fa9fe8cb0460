// Read models that do what a test wants, for what a real app does only when something is broken, slow or elsewhere.
import type { Running, SubscriberStatus } from '@gesta/core'
import { GestaError } from '@gesta/core/host'
import type { ReadModelControl, ReadModels, ReadModelStatus } from '@gesta/core/host'
import { fakeApp } from '../support/fake-host.ts'

export const standInStatus: ReadModelStatus = {
  name: 'Order.RevenueByDay',
  modelVersion: 1,
  state: 'live',
  owned: true,
  generation: 1,
  restore: undefined,
  metrics: {
    processed: 3,
    applied: 2,
    skipped: 1,
    failed: 0,
    lastPosition: 3,
    lastEventAt: '2026-01-05T10:00:00.000Z',
    lagEvents: 0,
    lagMs: 0,
    latencyMs: undefined,
  },
  parked: 0,
  lastError: undefined,
  failedAt: undefined,
}

const live: ReadModelControl = {
  status: () => standInStatus,
  start: async () => undefined,
  stop: async () => undefined,
  restart: async () => undefined,
  pause: async () => undefined,
  resume: async () => undefined,
  restore: async () => ({ generation: 2, done: Promise.resolve(), cancel: async () => undefined }),
  cancel: async () => undefined,
  parked: async () => [],
  retryParked: async () => 0,
  discardParked: async () => 0,
}

/** An app with one read model and the subscribers that are given. */
export function standIn(
  control: Partial<ReadModelControl> = {},
  verify: ReadModels['verify'] = () => Promise.reject(new Error('The test verifies nothing.')),
  subscribers: readonly SubscriberStatus[] = [],
): Running<string, string> {
  const readModels: ReadModels = {
    list: () => [standInStatus],
    control: (name) => {
      if (name === standInStatus.name) return { ...live, ...control }
      throw new GestaError('read_model_unknown', `Expected a read model of the app, received "${name}".`)
    },
    verify,
  }
  return Object.assign(fakeApp({}), { readModels, subscribers: () => subscribers })
}
