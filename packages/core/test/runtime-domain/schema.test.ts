// JSON Schemas of contracts, one by one: what cannot be converted says so, and harms nothing else.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as asked from '../../src/runtime-domain/contracts.ts'
import type { SchemaAnswer, SystemInfo } from '../../src/runtime-domain/answers.ts'
import { clerk, reader, root, runtimePlace } from './runtime-place.ts'

const schemaOf = asked.SchemaQuery

describe('schemas', () => {
  test('tell what a command takes, and what a query takes and gives', async () => {
    await using place = await runtimePlace()
    const command = (await place.ask(schemaOf({ domain: 'Note', type: 'Write' }))) as SchemaAnswer
    assert.equal(command.convertible, true)
    assert.equal(command.kind, 'command')
    assert.equal(command.type, 'Note.Write')
    assert.equal(command.schema?.['$schema'], 'https://json-schema.org/draft/2020-12/schema')
    assert.deepEqual(Object.keys(command.schema?.['properties'] ?? {}), ['noteId', 'text', 'author'])
    assert.equal(command.result, undefined)
    const query = (await place.ask(schemaOf({ domain: 'Note', type: 'Note.Read' }))) as SchemaAnswer
    assert.equal(query.kind, 'query')
    assert.ok(query.result !== undefined)
  })

  test('are found for jobs and events too, by kind where a name is not enough', async () => {
    await using place = await runtimePlace()
    const event = (await place.ask(schemaOf({ domain: 'Note', type: 'Written', kind: 'event' }))) as SchemaAnswer
    assert.deepEqual(Object.keys(event.schema?.['properties'] ?? {}), ['text', 'author'])
    const job = (await place.ask(schemaOf({ domain: 'Note', type: 'Remind' }))) as SchemaAnswer
    assert.equal(job.kind, 'job')
    assert.equal(await place.ask(schemaOf({ domain: 'Note', type: 'Write', kind: 'event' })), 'missing_handler')
  })

  test('are those of the runtime domain and of the stores as well', async () => {
    await using place = await runtimePlace()
    const names = [...asked.controlActions].toSorted()
    const control = (await place.ask(schemaOf({ domain: 'Runtime', type: 'ControlEventHandler' }))) as SchemaAnswer
    const properties = control.schema?.['properties'] as { readonly action: { readonly enum: string[] } } | undefined
    assert.deepEqual(properties?.action.enum.toSorted(), names)
    const { contracts } = place.host
    for (const { domain, contract } of contracts.filter(({ domain: name }) => /^(Runtime|Store)/.test(name))) {
      const answer = (await place.ask(schemaOf({ domain, type: contract.type }))) as SchemaAnswer
      assert.equal(answer.convertible, true, contract.type)
    }
  })

  for (const type of ['Throws', 'Text', 'Waits', 'Circle', 'Bigint'])
    test(`one that cannot be converted (${type.toLowerCase()}) says why, in words of ours`, async () => {
      await using place = await runtimePlace()
      const answer = (await place.ask(schemaOf({ domain: 'Strange', type }))) as SchemaAnswer
      assert.equal(answer.convertible, false)
      assert.match(answer.reason ?? '', /^input: its schema library /)
      assert.doesNotMatch(JSON.stringify(answer), /secret words/)
      const list = (await place.ask(asked.CommandList({ domain: 'Strange' }))) as { readonly total: number }
      assert.equal(list.total, 5)
    })

  test('what a caller may not run is unknown to it, in the same words as what does not exist', async () => {
    await using place = await runtimePlace()
    for (const type of ['Write', 'Read', 'Written', 'Remind', 'Nothing'])
      assert.equal(await place.ask(schemaOf({ domain: 'Note', type }), reader), 'missing_handler', type)
    const seen = (await place.ask(schemaOf({ domain: 'Note', type: 'Written' }), clerk)) as SchemaAnswer
    assert.equal(seen.convertible, true)
    assert.equal(await place.ask(schemaOf({ domain: 'Note', type: 'Remind' }), clerk), 'missing_handler')
  })
})

describe('the system', () => {
  test('tells its name, version, tenants and stream, and nothing that it was set up with', async () => {
    await using place = await runtimePlace()
    await place.note('a')
    await place.note('b')
    const info = (await place.ask(asked.SystemInfoQuery({}))) as SystemInfo
    const { name, version, uptimeMs, tenants, stream, domains } = info
    assert.ok(domains.some(({ name: domain }) => domain === 'Runtime'))
    assert.deepEqual({ name, version, stream: stream.state }, { name: 'test', version: '1.2.3', stream: 'running' })
    assert.ok(uptimeMs >= 0)
    assert.ok(tenants.names.includes('acme'))
    assert.equal(tenants.count, tenants.names.length)
    const page = (await place.ask(asked.SystemInfoQuery({ limit: 1, offset: tenants.count - 1 }))) as SystemInfo
    assert.deepEqual(page.tenants, { count: tenants.count, names: [tenants.names.at(-1)] })
    const metrics = await place.ask(asked.MetricsQuery())
    assert.doesNotMatch(JSON.stringify([info, metrics]), /a secret of tests/)
  })

  test('is the same for as long as it runs, and another one after a restart', async () => {
    await using first = await runtimePlace()
    const one = (await first.ask(asked.SystemInfoQuery({}))) as SystemInfo
    assert.equal(((await first.ask(asked.SystemInfoQuery({}))) as SystemInfo).instance, one.instance)
    await using second = await runtimePlace({ beside: first })
    assert.notEqual(((await second.ask(asked.SystemInfoQuery({}))) as SystemInfo).instance, one.instance)
  })
})

describe('explanations', () => {
  test('tell the way to a decision: about oneself to everybody, about others to callers of the tenant SYSTEM', async () => {
    await using place = await runtimePlace()
    const own = asked.ExplainPermission({ permission: 'Note.Write' })
    const ofClerk = (await place.ask(own, clerk)) as { readonly allowed: boolean; readonly path: readonly object[] }
    assert.equal(ofClerk.allowed, true)
    const ofReader = (await place.ask(own, reader)) as { readonly allowed: boolean }
    assert.equal(ofReader.allowed, false)
    const { tenant, identity, account, session } = clerk
    const others = asked.ExplainPermission({ permission: 'Note.Write', tenant, identity, account, session })
    assert.deepEqual(await place.ask(others, root), ofClerk)
    assert.equal(await place.ask(others, reader), 'permission_denied')
    assert.equal(await place.ask(asked.ExplainPermission({ permission: 'No.Such' })), 'permission_unknown')
  })
})
