import assert from 'node:assert/strict'
import test from 'node:test'
import type { EventStore, StoredEvent } from '@gesta/core/ports'
import { newStore, oneTo, tenant } from './commits.ts'
import { runChild } from './children/run.ts'

async function wholeLog(store: EventStore): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = []
  for (;;) {
    const page = await store.readAll({ after: events.length })
    if (page.length === 0) return events
    events.push(...page)
  }
}

test('what a killed process had acknowledged is stored, once, and the log has no gap', async () => {
  await using store = await newStore()
  const acknowledged: string[] = []
  for (const [run, lines] of [1, 150, 1000].entries()) {
    await using child = runChild('write.ts', store.path, `run${run}`)
    let seen = 0
    for await (const line of child.lines) {
      acknowledged.push(line)
      seen += 1
      if (seen === lines) child.process.kill('SIGKILL')
    }
    await child.kill()
  }
  await using backend = await store.open()
  const log = await wholeLog(backend.events)
  assert.deepEqual(
    log.map(({ position }) => position),
    oneTo(log.length),
  )
  assert.deepEqual(
    log.map(({ commitNo }) => commitNo),
    oneTo(log.length),
  )
  const times = new Map<string, number>()
  for (const { commandId, data } of log) {
    assert.equal((JSON.parse(data) as { commandId: string }).commandId, commandId)
    times.set(commandId, (times.get(commandId) ?? 0) + 1)
  }
  assert.ok(acknowledged.length > 1000)
  for (const commandId of acknowledged) {
    assert.equal(times.get(commandId), 1, commandId)
    assert.ok(await backend.events.header(tenant, commandId))
  }
})
