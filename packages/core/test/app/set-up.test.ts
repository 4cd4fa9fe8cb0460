import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, createApp, domain, event, handle, job, query, readModel } from '@gesta/core'
import { z } from 'zod'

const input = z.object({ id: z.string() })
const place = command('Order.Place', { input, rejections: { exists: 'It exists.' } })
const get = query('Order.Get', { input, result: z.string() })
const run = async (): Promise<void> => undefined
const answer = async (): Promise<string> => ''
const orders = (): ReturnType<typeof domain> =>
  domain('Order', { permissions: 'anonymous', handlers: [handle(place, run)] }) as never

describe('a domain that cannot be is refused with a sentence', () => {
  const other = command('Other.Do', { input })
  const sameName = query('Order.Place', { input, result: z.string() })
  const refusals: readonly [string, () => unknown, string][] = [
    [
      'a contract of another domain',
      () => domain('Order', { permissions: 'anonymous', handlers: [handle(other, run) as never] }),
      `The domain Order handles Other.Do, which is another domain's. Its contracts are named "Order.Something".`,
    ],
    [
      'two handlers of one command',
      () => domain('Order', { permissions: 'anonymous', handlers: [handle(place, run), handle(place, run)] }),
      'The domain Order has two handlers of the command Order.Place. Keep one.',
    ],
    [
      'a command and a query of one name',
      () => domain('Order', { permissions: 'anonymous', handlers: [handle(place, run), handle(sameName, answer)] }),
      'The domain Order has a command and a query named Order.Place. Rename one: routes and permissions share the name.',
    ],
    [
      'a command without a permission',
      () =>
        domain('Order', {
          permissions: { 'Order.Get': 'anonymous' } as never,
          handlers: [handle(place, run), handle(get, answer)],
        }),
      'The domain Order has no permission for Order.Place. Add a line to its permissions: nothing runs without one.',
    ],
    [
      'a permission for nothing',
      () =>
        domain('Order', {
          permissions: { 'Order.Place': 'anonymous', 'Order.Plac': 'anonymous' } as never,
          handlers: [handle(place, run)],
        }),
      'The permission table of the domain Order has no option "Order.Plac". Did you mean "Order.Place"?',
    ],
    [
      'an option that it does not have',
      () => domain('Order', { permissions: 'anonymous', handlers: [], readModel: [] } as never),
      `domain('Order') has no option "readModel". Did you mean "readModels"?`,
    ],
    [
      'an option like none that it has',
      () => domain('Order', { permissions: 'anonymous', handlers: [], colour: 'red' } as never),
      `domain('Order') has no option "colour". Known options: handlers, permissions, roles, tenant, aggregates, readModels, emits, subscribers, invalidates, customPermissions, advances, cacheTags, processManagers, crons, version, dependsOn, migrations, start, stop.`,
    ],
  ]
  for (const [what, define, message] of refusals) test(what, () => assert.throws(define, { message }))

  test('but a job may share its name with a command', () => {
    const work = job('Order.Place', { input })
    domain('Order', { permissions: 'anonymous', handlers: [handle(place, run), handle(work, run)] })
  })
})

describe('an app that cannot be is refused with a sentence', () => {
  const Set = event('Order.Set', z.object({}))
  const Order = aggregate('Order', () => 0)
  const Again = aggregate('Order', () => 0).on(Set, (n) => n)
  const cancel = command('Order.Cancel', { input })
  const model = readModel('Order.Model', () => 0)
  const refusals: readonly [string, () => unknown, RegExp][] = [
    [
      'without a name',
      () => createApp('', { domains: [orders()] }),
      /^Expected an app to have a name, received an empty text\.$/,
    ],
    [
      'two domains of one name',
      () => createApp('shop', { domains: [orders(), orders()] }),
      /^The app shop has two domains named Order\. Rename one\.$/,
    ],
    [
      'two read models of one name',
      () =>
        createApp('shop', {
          domains: [
            domain('Order', { permissions: 'anonymous', handlers: [], readModels: [model] }),
            domain('Other', { permissions: 'anonymous', handlers: [], readModels: [model] }),
          ],
        }),
      /^The app shop has two read models named Order\.Model\. Rename one\.$/,
    ],
    [
      'two aggregates of one name',
      () =>
        createApp('shop', {
          domains: [
            domain('Order', {
              permissions: 'anonymous',
              handlers: [Order.decide(place, 'id', () => []), Again.decide(cancel, 'id', () => [])],
            }),
          ],
        }),
      /^The app has two aggregates named Order\. Bind commands to the one with all its \.on\(\.\.\.\), or rename one: their streams would be the same\.$/,
    ],
    [
      'an option that it does not have',
      () => createApp('shop', { domains: [], stores: 1 } as never),
      /^createApp\('shop'\) has no option "stores"\. Known options: domains\.$/,
    ],
  ]
  for (const [what, define, message] of refusals) test(what, () => assert.throws(define, { message }))
})

describe('a contract that cannot be is refused with a sentence', () => {
  for (const name of ['Order', '', 'Order.', '.Place', 'Order Place.X', 'Order.Pl-ace', '1Order.Place'] as const) {
    test(`a name like ${JSON.stringify(name)}`, () => {
      assert.throws(() => command(name as 'A.B'), {
        message: `Expected a contract's name like "Order.Place" (letters and digits, parts joined by dots), received "${name}".`,
      })
    })
  }

  test('a rejection that is not declared', () => {
    assert.throws(() => place.reject('exist' as 'exists'), {
      message: `Order.Place has no rejection "exist". Declare it in the contract's rejections.`,
    })
  })
})

describe('a read model that cannot be is refused with a sentence', () => {
  test('an option that it does not have', () => {
    assert.throws(() => readModel('Order.Model', () => 0, { modelVerson: 2 } as never), {
      message: `The read model Order.Model has no option "modelVerson". Did you mean "modelVersion"?`,
    })
  })

  for (const modelVersion of [0, 1.5, -1]) {
    test(`the model version ${modelVersion}`, () => {
      assert.throws(() => readModel('Order.Model', () => 0, { modelVersion }), {
        message: `Expected modelVersion of the read model Order.Model to be a whole number from 1, received ${modelVersion}.`,
      })
    })
  }
})
