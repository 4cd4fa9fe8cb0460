import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { exposition } from '../../src/metrics/exposition.ts'
import { createRequestMetrics } from '../../src/metrics/request-metrics.ts'
import { operatorAt } from '../admin/operator.ts'
import { fakeApp } from '../support/fake-host.ts'
import { serveRunning, serveShop } from '../support/serve-shop.ts'
import { parseExposition } from './parse-exposition.ts'

const text = fc.string({ unit: 'grapheme' })

describe('the text formats of metrics', () => {
  for (const format of ['openmetrics', 'prometheus'] as const)
    test(`carry whatever a label or a help says: ${format}`, () => {
      fc.assert(
        fc.property(text, text, fc.double({ noDefaultInfinity: false }), (label, help, value) => {
          const written = exposition(
            [
              {
                name: 'gesta_a',
                help: help.replaceAll('"', ''),
                kind: 'gauge',
                samples: [{ labels: { label }, value }],
              },
            ],
            format,
          )
          const { samples, families } = parseExposition(written)
          assert.equal(families.get('gesta_a')?.help, help.replaceAll('"', ''))
          assert.equal(samples[0]?.labels['label'], label)
          assert.ok(Object.is(samples[0]?.value, value) || samples[0]?.value === value)
        }),
      )
    })

  test('name counters as their readers want them', () => {
    const counter = { name: 'jobs_total', help: 'Jobs.', kind: 'counter', samples: [{ labels: {}, value: 3 }] } as const
    assert.equal(exposition([counter], 'openmetrics'), '# HELP jobs Jobs.\n# TYPE jobs counter\njobs_total 3\n# EOF\n')
    assert.equal(
      exposition([counter], 'prometheus'),
      '# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total 3\n',
    )
  })

  test('refuse names that are none, which would be read as something else', () => {
    for (const name of ['a b', '1a', 'a{b="c"} 1\nother'])
      assert.throws(() => exposition([{ name, help: '', kind: 'gauge', samples: [] }], 'openmetrics'))
    const labels = { 'a="1",b': '' }
    assert.throws(() =>
      exposition([{ name: 'a', help: '', kind: 'gauge', samples: [{ labels, value: 1 }] }], 'openmetrics'),
    )
  })

  test('sum up the buckets of a histogram', () => {
    const requests = createRequestMetrics(() => 2)
    for (const durationMs of [0.5, 1, 3, 700, 60_000])
      requests.count({ route: '/a', method: 'GET', status: 200, durationMs, requestId: '' })
    const { samples } = parseExposition(exposition(requests.metrics(), 'openmetrics'))
    const below = (le: string) =>
      samples.find(({ name, labels }) => name.endsWith('_bucket') && labels['le'] === le)?.value
    assert.deepEqual([below('0.001'), below('0.005'), below('1.0'), below('10.0'), below('+Inf')], [2, 3, 4, 4, 5])
    assert.equal(samples.find(({ name }) => name.endsWith('_seconds_count'))?.value, 5)
    assert.equal(samples.find(({ name }) => name === 'gesta_http_requests_in_flight')?.value, 2)
  })
})

describe('/metrics of the admin address', () => {
  test('counts requests by route, method and status, and never by what is in a path', async () => {
    await using shop = await serveShop({ admin: { port: 0, metrics: true } })
    await shop.post('/api/commands/Order.Place', { orderId: 'a', pence: 1 })
    await shop.get('/orders/a-private-id')
    await shop.get('/elsewhere/another-private-id')
    const operator = operatorAt(shop.server.adminUrl ?? '')
    const { status, headers, text: written } = await operator.get('/metrics')
    assert.equal(status, 200)
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
    const { samples, families } = parseExposition(written)
    const counted = samples.filter(({ name }) => name === 'gesta_http_requests_total').map(({ labels }) => labels)
    assert.ok(counted.some(({ route, status: code }) => route === '/api/commands/Order.Place' && code === '200'))
    assert.ok(counted.some(({ route }) => route === '/orders/{}'))
    assert.ok(counted.some(({ route, status: code }) => route === 'unknown' && code === '404'))
    assert.doesNotMatch(written, /private-id/)
    assert.equal(families.get('gesta_http_request_duration_seconds')?.kind, 'histogram')
    for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_delay_seconds', 'process_cpu_seconds_total'])
      assert.ok(
        samples.some((sample) => sample.name === name && sample.value >= 0),
        name,
      )
  })

  test('speaks OpenMetrics with whoever wants it', async () => {
    await using server = await serveRunning(fakeApp({}), { admin: { port: 0, metrics: true } })
    const accept = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'
    const { headers, text: written } = await operatorAt(server.server.adminUrl ?? '').get('/metrics', {
      headers: { accept },
    })
    assert.match(headers['content-type'] as string, /^application\/openmetrics-text/)
    assert.ok(written.endsWith('# EOF\n'))
    parseExposition(written)
  })

  test('names each family once, in both formats, whatever an app tells', async () => {
    await using shop = await serveShop({ admin: { port: 0, metrics: true } })
    await shop.post('/api/commands/Order.Place', { orderId: 'a', pence: 1 })
    const operator = operatorAt(shop.server.adminUrl ?? '')
    for (const accept of ['application/openmetrics-text', 'text/plain']) {
      const { families, samples } = parseExposition((await operator.get('/metrics', { headers: { accept } })).text)
      assert.ok(families.has('gesta_jobs_running') && families.has('nodejs_eventloop_delay_seconds'))
      // Only of a summary does a reader know what a quantile is.
      for (const { name } of samples.filter(({ labels }) => 'quantile' in labels))
        assert.equal(families.get(name)?.kind, 'summary', name)
    }
  })

  test('has what the app tells of itself, and without it the rest', async () => {
    const told = {
      name: 'gesta_dead_letters',
      help: '',
      kind: 'gauge',
      samples: [{ labels: { queue: 'a' }, value: 2 }],
    }
    for (const [metrics, count] of [
      [async () => [told] as never, 1],
      [() => Promise.reject(new Error('away')), 0],
    ] as const) {
      await using server = await serveRunning(fakeApp({ metrics }), { admin: { port: 0, metrics: true } })
      const { samples } = parseExposition((await operatorAt(server.server.adminUrl ?? '').get('/metrics')).text)
      assert.equal(samples.filter(({ name }) => name === 'gesta_dead_letters').length, count)
      assert.ok(samples.some(({ name }) => name === 'process_cpu_seconds_total'))
    }
  })

  test('is not there unless it was asked for', async () => {
    await using server = await serveRunning(fakeApp({}), { admin: { port: 0 } })
    assert.equal((await operatorAt(server.server.adminUrl ?? '').get('/metrics')).status, 404)
  })
})
