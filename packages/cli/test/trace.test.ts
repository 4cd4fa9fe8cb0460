import assert from 'node:assert/strict'
import test from 'node:test'
import type { ShownTrace } from '../src/shown-command.ts'
import { traceText } from '../src/trace-text.ts'
import { loggedOrders } from './logged-orders.ts'
import { answered, gesta, gestaHere } from './run-gesta.ts'

/** What is another one each time. */
const varying = [
  [/ at \d{4}-\d\d-\d\dT[\d:.]+Z/g, ' at TIME'],
  [/ in [\d.]+ ms/g, ' in SPAN'],
  [/sent-[\w-]+/g, 'SENT'],
  [/m0\.[\w-]+/g, 'm0.MARK'],
] as const

test('a trace is a tree of what followed from what', async () => {
  await using orders = await loggedOrders()
  await orders.place('A-1', 4_200)
  await orders.running.commandLog.reissue({ commandId: 'A-1', payload: { orderId: 'A-2', pence: 5 } })
  await orders.running.caughtUp()
  const { code, stdout, stderr } = await gesta(['trace', 'A-1.0', ...orders.there])
  assert.equal(code, 0, stderr)
  const [root] = (await orders.running.commandLog.trace('A-1'))?.commands ?? []
  const again = root?.followed[0]?.record.commandId ?? ''
  const text = varying.reduce((shown, [from, to]) => shown.replaceAll(from, to), stdout).replaceAll(again, 'AGAIN')
  assert.equal(
    text,
    `correlation A-1, found by event id

Order.Place A-1: accepted at TIME in SPAN
├─ event Order.Placed A-1.0 at position 1: Order A-1, version 1
│  ├─ seen by Order.Totals (live)
│  └─ Order.Place SENT: rejected (free) at TIME in SPAN
├─ message Order.Announced A-1.m0.MARK of Order/A-1: waiting
└─ Order.Place AGAIN: accepted at TIME in SPAN
   └─ event Order.Placed AGAIN.0 at position 2: Order A-2, version 1
      └─ seen by Order.Totals (live)
`,
  )
})

test('a trace is of one tenant, and says when there is more', async () => {
  await using orders = await loggedOrders()
  await orders.place('A-1', 4_200, 'acme & co')
  const trace = ['trace', 'A-1', ...orders.there]
  const nobody = await gestaHere(trace)
  assert.equal(nobody.code, 1)
  assert.match(nobody.stderr, /^gesta: command_unknown: Expected an id that a command of this tenant/)
  const { stdout } = await gestaHere([...trace, '--tenant', 'acme & co', '--limit', '1'])
  assert.match(stdout, /^correlation A-1 of tenant acme & co, found by command id$/m)
  assert.match(stdout, /There are more commands; --limit/)
  const { commands } = await answered<ShownTrace>([...trace, '--tenant', 'acme & co'])
  assert.equal(commands[0]?.events[0]?.followed[0]?.record.status, 'rejected')
})

test('a trace is shown however long its chains are', async () => {
  await using orders = await loggedOrders()
  await orders.place('A-1', 0)
  let commandId = 'A-1'
  for (let number = 0; number < 520; number += 1)
    ({ commandId } = await orders.running.commandLog.reissue({ commandId }))
  const { stdout, stderr } = await gestaHere(['trace', commandId, ...orders.there])
  assert.equal(stdout.match(/Order\.Place/g)?.length, 521, stderr)
  const { commands } = await answered<ShownTrace>(['trace', commandId, ...orders.there])
  assert.deepEqual(
    commands.map(({ record }) => record.commandId === 'A-1'),
    [true, false],
  )
})

test('names in a trace keep to their line and steer no terminal; what is not known is left out', () => {
  const record = { commandType: 'Order.Place', commandId: 'a\u001B[2J\nb', status: 'duplicate', duplicateOf: 'first' }
  const message = { id: 'm', state: 'dead', attempts: 2, lastError: 'TypeError', followed: [] }
  const view = { name: 'totals', state: 'paused', seen: false, lagEvents: 3 }
  const failed = { attempts: 3, lastError: 'TypeError', reason: 'All 3 runs have failed.' }
  const dead = { id: 'd', type: 'T', state: 'dead_letter', queue: 'mail', ...failed, followed: [] }
  const later = {
    id: 'l',
    state: 'scheduled',
    queue: 'default',
    attempts: 0,
    dueAt: 1_767_225_600_000_000,
    followed: [],
  }
  const event = { id: 'e', type: 'T', position: 1_000, aggregateType: 'A', aggregateId: 'a', version: 1 }
  const text = traceText({
    kind: 'correlation',
    tenant: '',
    correlationId: 'c\u202E',
    truncated: false,
    commands: [
      {
        record: { ...record, recordedAt: 'T' },
        events: [{ ...event, readModels: [view], followed: [] }],
        messages: [message],
        jobs: [{ id: 'j', followed: [] }, dead, later],
        followed: [],
      },
    ],
  } as unknown as ShownTrace)
  assert.deepEqual(text.split('\n'), [
    'correlation c\\u202e, found by correlation id',
    '',
    'Order.Place a\\u001b[2J\\u000ab: duplicate of first at T',
    '├─ event T e at position 1,000: A a, version 1',
    '│  └─ not seen by totals (paused, 3 events behind)',
    '├─ message m: dead, 2 failed attempts (TypeError)',
    '├─ job j',
    '├─ job T d: dead letter in mail, 3 attempts (TypeError): All 3 runs have failed.',
    '└─ job l: scheduled, due at 2026-01-01T00:00:00.000Z',
  ])
})
