import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { operatorOf } from './operator.ts'
import type { AdminAnswer, Operator } from './operator.ts'
import { standIn } from './stand-in.ts'

const told = (): never => assert.fail('it was told')
const untouched = standIn({
  start: told,
  stop: told,
  restore: told,
  parked: told,
  retryParked: told,
  discardParked: told,
})
const model = '/admin/read-models/Order.RevenueByDay'

async function refuses(
  ask: (operator: Operator) => Promise<AdminAnswer>,
  status: number,
  code: string,
  detail: RegExp,
): Promise<void> {
  await using operator = await operatorOf(untouched)
  const { status: received, problem } = await ask(operator)
  assert.deepEqual([received, problem.code], [status, code])
  assert.match(problem.detail ?? '', detail)
  assert.deepEqual(operator.logged, [])
}

describe('a read model is told nothing by', () => {
  test('an unknown action; the one that was meant is named', async () => {
    const meant = /action: expected one of start, stop, .* \(did you mean "restart"\?\)\.$/
    await refuses((operator) => operator.post(model, { action: 'retsart' }), 422, 'invalid_input', meant)
    await refuses((operator) => operator.post(model, {}), 422, 'invalid_input', /action: expected one of/)
    await refuses((operator) => operator.post(model, { action: 7 }), 422, 'invalid_input', /action: expected one of/)
    await refuses(
      (operator) => operator.post(`${model}/parked`, { action: 'retyr' }),
      422,
      'invalid_input',
      /\(did you mean "retry"\?\)/,
    )
  })

  test('a field that its action does not have; the one that was meant is named', async () => {
    const meant = /received "restoreFromZer"\. Did you mean "restoreFromZero"\?/
    const body = { action: 'restore', restoreFromZer: true }
    await refuses((operator) => operator.post(model, body), 422, 'unknown_field', meant)
    await refuses(
      (operator) => operator.post(model, { action: 'stop', wait: true }),
      422,
      'unknown_field',
      /Expected the fields action, received "wait"/,
    )
    await refuses(
      (operator) => operator.post(`${model}/parked`, { action: 'retry', tenant: '', key: 'a', position: 4 }),
      422,
      'unknown_field',
      /"position"/,
    )
  })

  test('a value of another kind; all of them are listed', async () => {
    await using operator = await operatorOf(untouched)
    const body = { action: 'restore', restoreFromZero: 'yes', wait: 1, deadlineMs: 0 }
    const { problem } = await operator.post(model, body)
    assert.deepEqual(problem.violations, [
      { path: 'restoreFromZero', reason: 'expected true or false' },
      { path: 'wait', reason: 'expected true or false' },
      { path: 'deadlineMs', reason: 'expected a whole number from 1 to 86400000' },
    ])
  })

  test('half of a parked event, or a discard without a reason', async () => {
    const parked = `${model}/parked`
    for (const body of [
      { action: 'retry', key: 'a' },
      { action: 'retry', tenant: '' },
      { action: 'discard', reason: 'a test order' },
      { action: 'discard', position: 4 },
      { action: 'discard', position: 4, reason: ' ' },
      { action: 'discard', position: 0, reason: 'a test order' },
      { action: 'discard', position: 4, reason: 'x'.repeat(1001) },
    ])
      await refuses((operator) => operator.post(parked, body), 422, 'invalid_input', /: expected /)
  })

  test('anything but a JSON object', async () => {
    await refuses((operator) => operator.post(model), 422, 'invalid_input', /JSON object/)
    await refuses((operator) => operator.post(model, '["stop"]'), 422, 'invalid_input', /JSON object/)
    await refuses((operator) => operator.post(model, '"stop"'), 422, 'invalid_input', /JSON object/)
    await refuses((operator) => operator.post(model, '{"action":'), 400, 'invalid_json', /JSON/)
    await refuses((operator) => operator.post(model, '{"__proto__":{}}'), 400, 'forbidden_key', /plain data/)
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const headers = { 'content-type': type }
      const ask = (operator: Operator): Promise<AdminAnswer> => operator.post(model, '{"action":"stop"}', { headers })
      await refuses(ask, 415, 'unsupported_media_type', /application\/json/)
    }
  })

  test('a body beyond 16 KiB', async () => {
    const body = JSON.stringify({ action: 'stop', more: 'x'.repeat(16 * 1024) })
    await refuses((operator) => operator.post(model, body), 413, 'body_too_large', /Send less/)
  })

  test('a query string', async () => {
    await refuses((operator) => operator.post(`${model}?action=stop`, {}), 400, 'unknown_parameter', /in the body/)
  })
})

describe('a question is refused', () => {
  test('for a read model that the app does not have', async () => {
    for (const path of ['', '/parked'])
      await refuses(
        (operator) => operator.get(`/admin/read-models/Order.Nothing${path}`),
        404,
        'read_model_unknown',
        /"Order\.Nothing"/,
      )
  })

  test('with parameters that it does not have', async () => {
    await refuses(
      (operator) => operator.get(`${model}?x=1`),
      400,
      'unknown_parameter',
      /Expected nothing, received "x"/,
    )
    const meant = /received "tennant"\. Did you mean "tenant"\?/
    await refuses((operator) => operator.get(`${model}/parked?tennant=t`), 400, 'unknown_parameter', meant)
  })

  test('with parameters of another kind, or out of bounds', async () => {
    for (const text of ['limit=0', 'limit=10001', 'limit=many', 'after=-1', 'after=1.5', 'discarded=1', 'discarded='])
      await refuses((operator) => operator.get(`${model}/parked?${text}`), 422, 'invalid_input', /: expected /)
    const twice = (operator: Operator): Promise<AdminAnswer> => operator.get(`${model}/parked?limit=1&limit=2`)
    await refuses(twice, 400, 'repeated_parameter', /once/)
  })

  test('under other paths and with other methods', async () => {
    await refuses((operator) => operator.get('/'), 404, 'unknown_path', /\/admin\/read-models/)
    await refuses((operator) => operator.get('/api/queries/Order.Get'), 404, 'unknown_path', /Nothing is served/)
    await using operator = await operatorOf(untouched)
    const { status, headers, problem } = await operator.ask('DELETE', model, undefined)
    assert.deepEqual([status, problem.code, headers['allow']], [405, 'method_not_allowed', 'GET, HEAD, POST'])
  })
})
