import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { keyLengthMax } from '../../src/codec/key-text.ts'
import type { TracedCommand } from '../../src/command-log/trace.ts'
import type { AppCommandLog } from '../../src/command-log/app-command-log.ts'
import { createTracer } from '../../src/command-log/trace-of.ts'
import { depthMax } from '../../src/command-log/trace-tree.ts'
import type { EventStore } from '../../src/stores/event/event-store.ts'
import { commandsIn, shapeOf, tracePlace } from './trace-place.ts'

describe('a trace', () => {
  test('is found by the id of a correlation, command, event, message or job', async () => {
    await using place = await tracePlace()
    await place.command('first', { correlationId: 'request', events: 2, sent: 1, started: 1 })
    await place.command('second', { correlationId: 'request', causationId: 'first.1' })
    for (const [id, kind] of [
      ['request', 'correlation'],
      ['second', 'command'],
      ['first', 'command'],
      ['first.1', 'event'],
      [place.messageId('first', 0), 'message'],
      ['first.j0', 'job'],
    ] as const) {
      const trace = await place.trace(id)
      assert.deepEqual([trace?.kind, trace?.correlationId, trace?.truncated], [kind, 'request', false], id)
      assert.deepEqual(shapeOf(trace), [['first', ['second']]], id)
    }
  })

  test('of a command without a correlation is that of its own id, and of what carries it', async () => {
    await using place = await tracePlace()
    await place.command('first', { events: 1 })
    await place.command('second', { correlationId: 'first', causationId: 'first.0' })
    await place.command('other')
    for (const id of ['first', 'second', 'first.0']) {
      const trace = await place.trace(id)
      assert.deepEqual([trace?.correlationId, shapeOf(trace)], ['first', [['first', ['second']]]])
    }
  })

  test('is absent for an id of nothing', async () => {
    await using place = await tracePlace()
    await place.command('first', { events: 1, sent: 1, started: 1 })
    const mark = place.messageId('first', 0).slice('first.m0.'.length)
    for (const id of ['nobody', 'first.1', 'first.00', 'first.m0', `first.m1.${mark}`, 'first.j1', '.0', '']) {
      assert.equal(await place.trace(id), undefined, id)
    }
    assert.equal(await place.trace('first.m0.aaaaaaaaaaa'), undefined, 'a message of another log')
    assert.equal(await place.trace('a\0b'), undefined)
    assert.equal(await place.trace('x'.repeat(keyLengthMax + 1)), undefined)
    assert.equal(await place.trace('first', { tenant: 'other' }), undefined)
    await assert.rejects(place.trace('first', { limit: 0 }), RangeError)
  })

  test('takes an id that ends like one of an event, message or job for that of a command first', async () => {
    await using place = await tracePlace()
    await place.command('a', { correlationId: 'of a', events: 1, started: 1 })
    await place.command('a.0', { correlationId: 'of a.0', events: 1 })
    await place.command('a.j0', { correlationId: 'of a.j0' })
    await place.command('v1.2.3', { correlationId: 'of v1.2.3', events: 1, sent: 1 })
    await place.command('below', { correlationId: 'of v1.2.3', causationId: place.messageId('v1.2.3', 0) })
    await place.command('beside', { correlationId: 'of a', causationId: 'a.0' })
    const named = async (id: string) => {
      const trace = await place.trace(id)
      return [trace?.kind, trace?.correlationId]
    }
    assert.deepEqual(await named('a.0'), ['command', 'of a.0'])
    assert.deepEqual(await named('a.0.0'), ['event', 'of a.0'])
    assert.deepEqual(await named('a.j0'), ['command', 'of a.j0'])
    assert.deepEqual(await named('v1.2.3.0'), ['event', 'of v1.2.3'])
    assert.deepEqual(shapeOf(await place.trace('of v1.2.3')), [['v1.2.3', ['below']]])
    assert.deepEqual(shapeOf(await place.trace('of a')), [['a', ['beside']]], 'in this trace it can only be the event')
  })

  test('hangs a command below the event, message, job or command that caused it', async () => {
    await using place = await tracePlace()
    await place.command('first', { events: 2, sent: 2, started: 1 })
    const caused = { correlationId: 'first' }
    await place.command('by command', { ...caused, causationId: 'first' })
    await place.command('by job', { ...caused, causationId: 'first.j0' })
    await place.command('by message', { ...caused, causationId: place.messageId('first', 1) })
    await place.command('by event', { ...caused, causationId: 'first.1' })
    await place.command('by event too', { ...caused, causationId: 'first.1' })
    await place.command('by something else', { ...caused, causationId: 'first.2' })
    const trace = await place.trace('first')
    const [first, other] = trace?.commands ?? []
    const ids = (commands: readonly TracedCommand[]) => commands.map(({ record }) => record.commandId)
    assert.ok(first !== undefined)
    assert.deepEqual(
      first.events.map(({ followed }) => ids(followed)),
      [[], ['by event', 'by event too']],
    )
    assert.deepEqual(
      first.messages.map(({ followed }) => ids(followed)),
      [[], ['by message']],
    )
    assert.deepEqual(
      first.jobs.map(({ type, followed }) => [type, ids(followed)]),
      [['Order.Remind', ['by job']]],
    )
    assert.deepEqual(ids(first.followed), ['by command'])
    assert.deepEqual([other?.record.commandId, trace?.commands.length], ['by something else', 2])
  })

  test('is not led in circles', async () => {
    await using place = await tracePlace()
    await place.command('itself', { correlationId: 'c', causationId: 'itself' })
    await place.command('itself too', { correlationId: 'c', events: 1, causationId: 'itself too.0' })
    await place.command('below', { correlationId: 'c', causationId: 'chicken' })
    await place.command('chicken', { correlationId: 'c', causationId: 'egg' })
    await place.command('egg', { correlationId: 'c', causationId: 'chicken' })
    assert.deepEqual(shapeOf(await place.trace('c')), ['itself', 'itself too', ['chicken', ['below', 'egg']]])
  })

  test('cuts a chain that is too long, and loses nothing of it', async () => {
    await using place = await tracePlace()
    const count = depthMax * 2 + 10
    for (let number = 0; number < count; number += 1)
      await place.command(`${number}`, { correlationId: 'c', causationId: `${number - 1}` })
    const trace = await place.trace('c', { limit: count })
    assert.equal(commandsIn(trace?.commands ?? []).length, count)
    assert.deepEqual(
      trace?.commands.map(({ record }) => record.commandId),
      ['0', `${depthMax + 1}`, `${(depthMax + 1) * 2}`],
    )
  })

  test('holds the oldest commands up to its limit, and says that there are more', async () => {
    await using place = await tracePlace()
    for (let number = 0; number < 5; number += 1)
      await place.command(`${number}`, { correlationId: 'c', events: 1, causationId: `${number - 1}.0` })
    const first = await place.trace('c', { limit: 3 })
    assert.deepEqual([shapeOf(first), first?.truncated], [[['0', [['1', ['2']]]]], true])
    assert.equal((await place.trace('c', { limit: 5 }))?.truncated, false)
  })

  test('never mixes tenants with equal ids', async () => {
    await using place = await tracePlace()
    for (const [tenant, commandType] of [
      ['acme', 'Order.Place'],
      ['bolt', 'Stock.Count'],
      ['', 'Note.Take'],
    ] as const) {
      await place.command('same', { tenant, commandType, events: 1, sent: 1, correlationId: 'c' })
      await place.command('next', { tenant, commandType, correlationId: 'c', causationId: 'same.0' })
    }
    for (const [tenant, commandType] of [
      ['acme', 'Order.Place'],
      ['bolt', 'Stock.Count'],
      [undefined, 'Note.Take'],
    ] as const)
      for (const id of ['same', 'same.0', 'c', 'next']) {
        const trace = await place.trace(id, { tenant })
        assert.deepEqual(shapeOf(trace), [['same', ['next']]])
        const types = commandsIn(trace?.commands ?? []).map(({ record }) => record.commandType)
        assert.deepEqual([trace?.tenant, types], [tenant ?? '', [commandType, commandType]])
      }
    assert.equal(
      await place.trace(place.messageId('same', 0), { tenant: 'acme' }),
      undefined,
      'the mark is of a tenant',
    )
  })

  test('holds no payload, and no data of events and messages', async () => {
    await using place = await tracePlace()
    await place.command('first', { events: 1, sent: 1, started: 1 })
    assert.doesNotMatch(JSON.stringify(await place.trace('first')), /hidden|payload|"data"/)
  })

  test('shows what commands of before there were details have left, and nothing that was purged', async () => {
    await using place = await tracePlace()
    await place.command('old', { events: 1, sent: 2, started: 1, old: true, recordedAt: 1 })
    await place.command('next', { correlationId: 'old', causationId: place.messageId('old', 1) })
    for (const id of ['old', place.messageId('old', 1), 'old.j0']) {
      const [old] = (await place.trace(id))?.commands ?? []
      assert.deepEqual([old?.events.length, old?.messages.length, old?.jobs.length], [1, 2, 1])
      assert.deepEqual(old?.messages[1]?.followed.length, 1)
    }
    await place.backend.commandLog.purge({ before: 2 })
    assert.deepEqual(shapeOf(await place.trace('next')), ['next'])
    assert.equal(await place.trace('old.0'), undefined)
  })

  test('tells of messages what the outbox still holds of them', async () => {
    await using place = await tracePlace()
    await place.command('first', { sent: 3, recordedAt: 1 })
    await place.command('next', { correlationId: 'first', sent: 1, recordedAt: 3 })
    const { outbox } = place.backend
    const held = { commitNo: 1, index: 1, state: 'dead', attempts: 4, dueAt: 5, lastError: 'TypeError' } as const
    assert.ok(await outbox.settle({ fencingToken: 1, from: 0, to: 1, sent: [], held: [held] }))
    const messagesIn = async (trace: AppCommandLog['trace']) =>
      commandsIn((await trace('first'))?.commands ?? []).flatMap((command) =>
        command.messages.map(({ type, key, state, attempts, lastError }) => [type, key, state, attempts, lastError]),
      )
    const sent = (key: string) => ['Order.Sent', key, 'sent', 0, undefined]
    const dead = ['Order.Sent', 'key 1', 'dead', 4, 'TypeError']
    const waiting = ['Order.Sent', 'key 0', 'waiting', 0, undefined]
    assert.deepEqual(await messagesIn(place.trace), [sent('key 0'), dead, sent('key 2'), waiting])

    // A database has removed what was sent: nothing tells which of the messages is the one that is left.
    const { events, commandLog, jobs } = place.backend
    const parts: EventStore['parts'] = async (tenant, commandId) => {
      const all = await events.parts(tenant, commandId)
      return all && { ...all, messages: commandId === 'first' ? all.messages.slice(1, 2) : all.messages }
    }
    const pruned = { identity: events.identity, list: events.list, parts }
    const trace = createTracer({ events: pruned, commandLog, outbox, jobs, views: async () => () => [] })
    const gone = [undefined, undefined, 'sent', 0, undefined]
    assert.deepEqual(await messagesIn(trace), [gone, dead, gone, waiting])
    assert.equal((await trace(place.messageId('first', 2)))?.kind, 'message')
  })
})
