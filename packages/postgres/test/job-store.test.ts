import { describe, test } from 'node:test'
import { setTimeout as pass } from 'node:timers/promises'
import { runJobStoreSuite } from '@gesta/core/conformance/job-store'
import { newPlace, skip } from './place.ts'

describe('on PostgreSQL', { skip }, () => {
  runJobStoreSuite(
    test,
    async () => ({ ...(await newPlace({ allowRewriting: true })), pass: (ms: number) => pass(ms) }),
    { durable: true, rewriting: true, shared: true },
  )
})
