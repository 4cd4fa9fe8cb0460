import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ShownCommand } from '../src/shown-command.ts'
import { loggedOrders } from './logged-orders.ts'
import { answered, gesta, gestaHere } from './run-gesta.ts'

interface ListedCommands {
  readonly items: readonly ShownCommand[]
  readonly cursor?: string
}

describe('gesta command', () => {
  test('list shows commands, narrowed and page by page', async () => {
    await using orders = await loggedOrders()
    await orders.place('A-1', 5)
    await orders.place('A-2', 0)
    await orders.place('A-1', 5, 'acme')
    const list = await gesta(['command', 'list', ...orders.there])
    assert.equal(list.code, 0, list.stderr)
    assert.match(
      list.stdout,
      /^recorded +status +type +command +sender +took +error\n\S+Z +rejected +Order\.Place +A-2 .* free\n\S+Z +accepted +Order\.Place +A-1 /,
    )
    const ids = async (...options: readonly string[]): Promise<readonly string[]> =>
      (await answered<ListedCommands>(['command', 'list', ...options, ...orders.there])).items.map(
        ({ commandId }) => commandId,
      )
    assert.deepEqual(await ids('--oldest'), ['A-1', 'A-2'])
    assert.deepEqual(await ids('--status', 'accepted, denied', '--type', 'Order.Place'), ['A-1'])
    assert.deepEqual(await ids('--correlation', 'A-2', '--from', '2001-01-01T00:00:00+01:00'), ['A-2'])
    assert.deepEqual(await ids('--to', '2001-01-01T00:00:00Z'), [])
    assert.deepEqual(await ids('--sender', 'ann', '--tenant', 'acme'), [])
    const first = await gestaHere(['command', 'list', '--limit', '1', ...orders.there])
    const [, cursor = ''] = /There are more: (--cursor=\S+)/.exec(first.stdout) ?? []
    assert.deepEqual(await ids('--limit', '1', cursor), ['A-1'])
    assert.equal((await gestaHere(['command', 'list', '--tenant', 'nobody', ...orders.there])).stdout, 'No commands.\n')
    const wrong = await gestaHere(['command', 'list', '--status', 'lost', ...orders.there])
    assert.match(wrong.stderr, /^gesta: invalid_input: .*status: expected some of accepted, rejected/)
  })

  test('means what it names, also an id or a tenant that a URL would take for a folder', async () => {
    await using orders = await loggedOrders()
    for (const tenant of [undefined, '..', '.', 'a/b c%2F?#']) await orders.place('..', 5, tenant)
    for (const tenant of ['..', '.', 'a/b c%2F?#']) {
      const of = ['--tenant', tenant, ...orders.there]
      const { items } = await answered<ListedCommands>(['command', 'list', ...of])
      assert.deepEqual(
        items.map((item) => item.tenant),
        [tenant],
      )
      assert.equal((await answered<ShownCommand>(['command', 'show', '..', ...of])).tenant, tenant)
      assert.equal((await gestaHere(['trace', '..', ...of])).code, 0)
      const purge = ['command', 'purge', '--before', '2100-01-01T00:00:00Z', '--yes', ...of]
      assert.equal((await gestaHere(purge)).stdout, '1 record forgotten.\n')
    }
    assert.equal((await gestaHere(['command', 'show', '..', ...orders.there])).code, 0)
  })

  test('show tells all of one, with its payload', async () => {
    await using orders = await loggedOrders()
    await orders.place('A-1', 4_200, 'acme')
    const show = await gestaHere(['command', 'show', 'A-1', '--tenant', 'acme', ...orders.there])
    assert.equal(show.code, 0, show.stderr)
    for (const line of [
      /^tenant +acme$/m,
      /^status +accepted$/m,
      /^event +A-1\.0: position 1$/m,
      /^message +A-1\.m0\./m,
    ])
      assert.match(show.stdout, line)
    assert.match(show.stdout, /\n\n\{\n {2}"orderId": "A-1",\n {2}"pence": 4200\n\}\n$/)
    await orders.place('A-2', 0)
    const rejected = await gestaHere(['command', 'show', 'A-2', ...orders.there])
    assert.match(rejected.stdout, /^error +free: An order costs something\.$/m)
    const unknown = await gestaHere(['command', 'show', 'A-3', ...orders.there])
    assert.equal(unknown.code, 1)
    assert.match(unknown.stderr, /^gesta: command_unknown: /)
  })

  test('reissue issues one again, as whoever is named; a rejection ends with 1', async () => {
    await using orders = await loggedOrders()
    await orders.place('A-1', 0, 'acme')
    const reissue = [
      'command',
      'reissue',
      'A-1',
      '--tenant',
      'acme',
      '--account',
      'a',
      '--identity',
      'ann',
      ...orders.there,
    ]
    const rejected = await gestaHere(reissue)
    assert.equal(rejected.code, 1)
    assert.match(rejected.stdout, /^Issued again as \S+: rejected \(free\): An order costs something\.$/m)
    const again = [...reissue, '--payload', '{"orderId":"A-1","pence":5}', '--key', 'once']
    const { ok, commandId } = await answered<{ ok: boolean; commandId: string }>(again)
    const accepted = await gesta(again)
    assert.deepEqual([ok, accepted.code, accepted.stdout], [true, 0, `Issued again as ${commandId}: accepted.\n`])
    const { context } = (await orders.running.commandLog.get('acme', commandId)) ?? {}
    assert.deepEqual(JSON.parse(context ?? ''), {
      tenant: 'acme',
      identity: 'ann',
      account: 'a',
      correlationId: 'A-1',
      causationId: 'A-1',
    })
    const wrong = await gestaHere([...reissue, '--payload', 'orderId=A-1'])
    assert.deepEqual([wrong.code, /Expected --payload to be JSON/.test(wrong.stderr)], [2, true])
  })

  test('redact asks first, and takes the payload out for good', async () => {
    await using orders = await loggedOrders()
    await orders.place('A-1', 5)
    const redact = ['command', 'redact', 'A-1', ...orders.there]
    assert.match((await gestaHere(redact)).stderr, /^gesta: usage: Expected --yes/)
    assert.match((await gestaHere(redact, { answer: false })).stderr, /Nothing was changed/)
    const show = async (): Promise<string> => (await gestaHere(['command', 'show', 'A-1', ...orders.there])).stdout
    assert.match(await show(), /"pence": 5/)
    assert.equal((await gestaHere(redact, { answer: true })).stdout, 'The record of A-1 was redacted.\n')
    assert.match(await show(), /^redacted +everything that was said$[^]*No payload is kept\.\n$/m)
    const reissue = await gestaHere(['command', 'reissue', 'A-1', ...orders.there])
    assert.match(reissue.stderr, /^gesta: data_gone: .*Give the payload/)
  })

  test('purge asks first, and forgets all that is old', async () => {
    await using orders = await loggedOrders()
    for (let number = 0; number < 1_005; number += 1)
      await orders.running.dispatch({ type: 'Order.Place', data: { orderId: 'A-1', pence: 0 } } as never)
    await orders.place('A-2', 5)
    const purge = ['command', 'purge', '--before', '2200-01-01T00:00:00Z', ...orders.there]
    assert.match((await gestaHere(purge)).stderr, /^gesta: usage: Expected --yes/)
    assert.match((await gestaHere(['command', 'purge', '--yes', ...orders.there])).stderr, /Expected --before/)
    const rejected = await gestaHere([...purge, '--yes', '--status', 'rejected,failed'])
    assert.equal(rejected.stdout, '1,005 records forgotten.\n', rejected.stderr)
    // What was asked of the log is in it as well, so there is more to forget than that one order; the last request stays.
    const { purged } = await answered<{ readonly purged: number }>([...purge, '--yes'])
    assert.ok(purged >= 1, String(purged))
    const { items } = await answered<ListedCommands>(['command', 'list', ...orders.there])
    assert.ok(items.length > 0 && items.every(({ commandType }) => commandType === 'Gesta.Audit'))
  })
})
