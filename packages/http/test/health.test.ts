import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeApp } from './support/fake-host.ts'
import { operatorAt } from './admin/operator.ts'
import { serveProbes } from '../src/index.ts'
import { serveRunning, serveShop } from './support/serve-shop.ts'

describe('health', () => {
  test('/healthz answers while the process lives', async () => {
    await using server = await serveRunning(
      fakeApp({ state: 'stopping', unready: () => assert.fail('it asks the app nothing') }),
    )
    assert.deepEqual(
      [(await server.get('/healthz')).status, (await server.get('/healthz')).text],
      [200, '{"status":"ok"}'],
    )
  })

  test('/ready answers while the app takes requests', async () => {
    await using shop = await serveShop()
    assert.deepEqual([(await shop.get('/ready')).status, (await shop.get('/ready')).text], [200, '{"status":"ready"}'])
  })

  test('/ready is 503 when the app stops', async () => {
    await using server = await serveRunning(fakeApp({ state: 'stopping' }))
    const { status, problem } = await server.get('/ready')
    assert.deepEqual([status, problem.code], [503, 'not_ready'])
  })

  test('/ready is 503 when a read model failed, and names it without its reason', async () => {
    const unready = () => [{ readModel: 'Order.Brittle', state: 'failed', reason: 'a secret of the read model' }]
    await using server = await serveRunning(fakeApp({ unready }))
    const { status, problem, text } = await server.get('/ready')
    assert.equal(status, 503)
    assert.deepEqual(problem.readModels, [{ readModel: 'Order.Brittle', state: 'failed' }])
    assert.doesNotMatch(text, /secret/)
  })

  test('/ready is 503 for a read model that really failed', async () => {
    await using shop = await serveShop()
    await shop.post('/api/commands/Order.Place', { orderId: 'a', pence: 1, note: 'break the read model' })
    await assert.rejects(shop.running.caughtUp())
    const { status, problem } = await shop.get('/ready')
    assert.deepEqual([status, problem.readModels?.[0]?.readModel], [503, 'Order.Brittle'])
  })
})

describe('checks', () => {
  test("of one's own make the process unready, by their names alone", async () => {
    const checks = {
      payments: () => Promise.reject(new Error('the password is hunter2')),
      mail: async () => undefined,
      spare: { check: () => assert.fail('not well, and not needed'), needed: false },
    }
    await using server = await serveRunning(fakeApp({}), { probes: { checks } })
    const { status, problem, text } = await server.get('/ready')
    assert.deepEqual([status, problem.code, problem.checks], [503, 'not_ready', ['payments']])
    assert.doesNotMatch(text, /hunter2|spare/)
  })

  test('that do not answer have failed after their time, and their signal aborts', async () => {
    const aborted = Promise.withResolvers<void>()
    const silent = (signal: AbortSignal) =>
      new Promise<void>(() => signal.addEventListener('abort', () => aborted.resolve()))
    await using server = await serveRunning(fakeApp({}), {
      probes: { checks: { silent: { check: silent, timeoutMs: 5 } } },
    })
    assert.deepEqual((await server.get('/ready')).problem.checks, ['silent'])
    await aborted.promise
  })

  test('that pay no heed to their signal run once, and are told to be still running', async () => {
    let runs = 0
    const released = Promise.withResolvers<void>()
    const deaf = () => {
      runs++
      return released.promise
    }
    await using server = await serveRunning(fakeApp({}), {
      admin: { port: 0 },
      probes: { checks: { deaf: { check: deaf, timeoutMs: 5 } } },
    })
    const operator = operatorAt(server.server.adminUrl ?? '')
    const told = async () => {
      const { checks } = (await operator.get('/admin/health')).body as { checks: { name: string; reason?: string }[] }
      return checks.find(({ name }) => name === 'deaf')?.reason
    }
    assert.match((await told()) ?? '', /within 5 ms/)
    for (let look = 0; look < 3; look++) {
      assert.match((await told()) ?? '', /^Still running since \d{4}-.*Z\.$/)
      assert.equal((await server.get('/ready')).status, 503)
    }
    assert.equal(runs, 1)
    released.resolve()
    while ((await server.get('/ready')).status !== 200);
    assert.equal(runs, 2)
  })

  test('a store that does not answer is asked once, whoever asks for whatever', async () => {
    let reads = 0
    const head = () => {
      reads++
      return new Promise<number>(() => undefined)
    }
    await using server = await serveRunning(fakeApp({ head }), { probes: { timeoutMs: 5 } })
    for (let ask = 0; ask < 5; ask++)
      assert.deepEqual([(await server.get('/ready')).status, (await server.get('/started')).status], [503, 503])
    assert.ok(reads <= 2, `${reads} reads`)
  })

  test('a worker of jobs that cannot get at them is told, and keeps nobody from being answered', async () => {
    let lastError: string | undefined = 'store_unavailable'
    const ended = { succeeded: 0, failed: 0, snoozed: 0, released: 0, cancelled: 0 }
    const jobWorker = () => ({ worker: 'w', state: 'retrying' as const, running: {}, ended, lost: 0, lastError })
    await using server = await serveRunning(fakeApp({ jobWorker }), { admin: { port: 0 } })
    const operator = operatorAt(server.server.adminUrl ?? '')
    const told = async () => {
      const { checks } = (await operator.get('/admin/health')).body as { checks: { name: string }[] }
      const { durationMs: _, ...jobs } = checks.find(({ name }) => name === 'jobs') as { durationMs?: number }
      return jobs
    }
    const reason = 'The worker is retrying: store_unavailable.'
    assert.deepEqual(await told(), { name: 'jobs', ok: false, needed: false, reason })
    assert.equal((await server.get('/ready')).status, 200)
    lastError = undefined
    assert.deepEqual(await told(), { name: 'jobs', ok: true, needed: false })
  })

  test('a store that does not answer makes the process unready, and lets it live', async () => {
    const head = () => new Promise<number>(() => undefined)
    await using server = await serveRunning(fakeApp({ head }), { probes: { timeoutMs: 5 } })
    assert.deepEqual((await server.get('/ready')).problem.checks, ['store'])
    assert.equal((await server.get('/healthz')).status, 200)
  })

  test('of a crowd of askers are one look', async () => {
    let looks = 0
    const opened = Promise.withResolvers<void>()
    const slow = () => {
      looks++
      return opened.promise
    }
    await using server = await serveRunning(fakeApp({}), { probes: { checks: { slow }, timeoutMs: 60_000 } })
    const asked = Array.from({ length: 20 }, () => server.get('/ready'))
    while (looks === 0) await new Promise((resolve) => setImmediate(resolve))
    await server.get('/healthz')
    opened.resolve()
    assert.deepEqual([...new Set((await Promise.all(asked)).map(({ status }) => status))], [200])
    assert.ok(looks < 20)
  })

  test('are told to operators with their reasons, those too that are not needed', async () => {
    const subscribers = () => [
      { name: 'Order.Mailer', durable: true, state: 'failed', position: 1, lag: 1, lastError: 'internal' } as const,
    ]
    const checks = { payments: () => Promise.reject(new Error('no connection')) }
    await using server = await serveRunning(fakeApp({ subscribers }), { admin: { port: 0 }, probes: { checks } })
    const { body } = await operatorAt(server.server.adminUrl ?? '').get('/admin/health')
    const health = body as { ready: boolean; checks: { name: string; ok: boolean; reason?: string }[] }
    assert.equal(health.ready, false)
    assert.deepEqual(
      health.checks.map(({ name, ok, reason }) => [name, ok, reason]),
      [
        ['store', true, undefined],
        ['readModels', true, undefined],
        ['subscribers', false, 'Order.Mailer is failed: internal.'],
        ['jobs', true, undefined],
        ['payments', false, 'no connection'],
      ],
    )
  })

  test('that are none are refused at start', async () => {
    for (const probes of [
      { checks: { store: () => undefined } },
      { checks: { 'a b': () => undefined } },
      { checks: { a: 'no function' as never } },
      { timeoutMs: 0 },
      { startup: 'soon' as never },
      { chekcs: {} } as never,
    ])
      await assert.rejects(serveRunning(fakeApp({}), { probes }), /serve/)
  })
})

describe('/started', () => {
  const status = (lastPosition: number) => [{ state: 'live', metrics: { lastPosition } }] as never

  test('is 503 until the views are where the log was, and 200 for good then', async () => {
    let lastPosition = 3
    let head = 5
    const readModels = { list: () => status(lastPosition) } as never
    await using server = await serveRunning(fakeApp({ readModels, head: async () => head }))
    assert.deepEqual([(await server.get('/started')).status, (await server.get('/ready')).status], [503, 200])
    head = 9
    lastPosition = 5
    assert.equal((await server.get('/started')).text, '{"status":"started"}')
    lastPosition = 0
    assert.equal((await server.get('/started')).status, 200)
  })

  test('is 503 while the store does not answer', async () => {
    let isAway = true
    const head = () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(0))
    await using server = await serveRunning(fakeApp({ head }))
    assert.equal((await server.get('/started')).status, 503)
    isAway = false
    assert.equal((await server.get('/started')).status, 200)
  })

  test('waits for nothing where it was told so', async () => {
    await using server = await serveRunning(fakeApp({ head: () => Promise.reject(new Error('away')) }), {
      probes: { startup: 'live' },
    })
    assert.equal((await server.get('/started')).status, 200)
  })

  test('of a real app comes once it has read its log', async () => {
    await using shop = await serveShop()
    await shop.post('/api/commands/Order.Place', { orderId: 'a', pence: 1 })
    assert.equal((await shop.get('/started')).status, 200)
  })
})

describe('a server that leaves', () => {
  test('is not ready, and answers all the same', async () => {
    await using shop = await serveShop()
    shop.server.leave()
    assert.equal((await shop.get('/ready')).problem.detail, 'The app is stopping.')
    assert.equal((await shop.get('/api/queries/Order.Ping')).status, 200)
    assert.equal((await shop.get('/healthz')).status, 200)
  })
})

describe('a process that serves nothing else', () => {
  test('has its probes at an address of their own, and leaves there too', async () => {
    await using server = await serveProbes(fakeApp({}), { port: 0 })
    const ask = async (path: string) => (await fetch(`${server.url}${path}`)).status
    assert.deepEqual(
      [await ask('/healthz'), await ask('/started'), await ask('/ready'), await ask('/elsewhere')],
      [200, 200, 200, 404],
    )
    server.leave()
    assert.equal(await ask('/ready'), 503)
  })
})
