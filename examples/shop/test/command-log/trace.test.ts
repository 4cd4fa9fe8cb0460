// What an operator sees of the shop's commands over HTTP: why a cancellation was refused, and an order down to its message to the stock.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemContext } from '@gesta/core'
import { serve } from '@gesta/http'
import { shopRoutes } from '../../src/routes.ts'
import { shop } from '../../src/shop.ts'
import { customerId, invoice } from './given.ts'

type Json = { readonly [name: string]: unknown }
interface TracedCommand {
  readonly record: Json
  readonly events: readonly Json[]
  readonly messages: readonly Json[]
}

/** The shop of one tenant, as `authenticate` would find out by credentials. */
async function servedShop() {
  const opening = new AsyncDisposableStack()
  const running = opening.use(await shop.start({ role: 'web' }))
  const authenticate = () => ({ tenant: 'uk' })
  // Here the app itself asks the admin address; who may is shown in people/permissions.test.ts.
  const admin = { port: 0, authenticate: () => systemContext() }
  const server = opening.use(await serve(running, { port: 0, admin, routes: shopRoutes, authenticate }))
  const send = async (path: string, body: object): Promise<Json> => {
    const headers = { 'content-type': 'application/json' }
    return json(await fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }))
  }
  const ask = async (path: string): Promise<Json> =>
    json(await fetch(`${server.adminUrl}/api/tenants/uk/runtime/${path}`))
  return { running, send, ask, [Symbol.asyncDispose]: async () => opening.disposeAsync() }
}
async function json(answer: Response): Promise<Json> {
  return (await answer.json()) as Json
}
function single(trace: Json): TracedCommand {
  const commands = trace['commands'] as readonly TracedCommand[]
  assert.equal(commands.length, 1)
  return commands[0] as TracedCommand
}

describe('a trace of the shop', () => {
  it('explains a cancellation that was rejected: by whom, with what, why, and that nothing followed', async () => {
    await using served = await servedShop()
    await served.send('/orders', invoice('581588'))
    const answer = await served.send('/returns', invoice('C581588', 7))
    assert.equal(answer['code'], 'more_than_bought')
    const trace = await served.ask(`trace/${String(answer['commandId'])}`)
    assert.deepEqual([trace['kind'], trace['tenant']], ['command', 'uk'])
    const { record, events, messages } = single(trace)
    assert.deepEqual([record['commandType'], record['status']], ['Order.Return', 'rejected'])
    assert.deepEqual(record['error'], {
      code: 'more_than_bought',
      message: 'More pieces come back than the customer bought and still has.',
    })
    assert.deepEqual([events, messages], [[], []])
    const { payload, metadata } = await served.ask(`commands/${String(answer['commandId'])}`)
    assert.equal((payload as Json)['customerId'], customerId)
    assert.ok(JSON.stringify(metadata).includes('127.0.0.1'))
  })

  it('shows an order down to the message for the stock, from the id of the order or of the message', async () => {
    await using served = await servedShop()
    const { commandId } = await served.send('/orders', invoice('581588'))
    await served.running.caughtUp()
    const trace = await served.ask(`trace/${String(commandId)}`)
    const { record, events, messages } = single(trace)
    assert.deepEqual([record['commandType'], record['status']], ['Order.Place', 'accepted'])
    assert.deepEqual(
      events.map(({ type, aggregateId }) => `${String(type)} ${String(aggregateId)}`),
      ['Order.Placed 581588', `Customer.Bought ${customerId}`],
    )
    const views = events[0]?.['readModels'] as readonly Json[]
    assert.ok(views.length > 0 && views.every(({ seen }) => seen === true), JSON.stringify(views))
    assert.deepEqual(
      messages.map(({ type, state }) => [type, state]),
      [['Order.Sold', 'waiting']],
    )
    const { commands } = await served.ask(`trace/${encodeURIComponent(String(messages[0]?.['id']))}`)
    assert.deepEqual(commands, trace['commands'])
  })
})
