import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createApp, domain } from '@gesta/core'
import { orderDomains } from '../../src/app/domain-order.ts'

const named = (name: string, ...dependsOn: readonly string[]) =>
  domain(name, { permissions: 'anonymous', handlers: [], dependsOn })
const created = (...domains: readonly ReturnType<typeof named>[]) => createApp('shop', { domains })

describe('domains', () => {
  test('come after those that they depend on, and else in the order of the list', () => {
    const list = [
      { name: 'Shop', dependsOn: ['Order', 'Mail'] },
      { name: 'Order', dependsOn: ['Stock'] },
      { name: 'Mail', dependsOn: [] },
      { name: 'Stock', dependsOn: [] },
    ]
    assert.deepEqual(
      orderDomains(list).map(({ name }) => name),
      ['Mail', 'Stock', 'Order', 'Shop'],
    )
  })

  test('are ordered whatever depends on what, or a circle is named that is one', () => {
    const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 20 })
    fc.assert(
      fc.property(edges, (pairs) => {
        const domains = Array.from({ length: 8 }, (_, at) => ({
          name: `D${at}`,
          dependsOn: pairs.filter(([from]) => from === at).map(([, to]) => `D${to}`),
        }))
        let ordered
        try {
          ordered = orderDomains(domains)
        } catch (error) {
          const path = /circle: (.*)\. Move/.exec(String(error))?.[1]?.split(' → ') ?? []
          assert.ok(path.length > 1)
          assert.equal(path[0], path.at(-1))
          for (const [at, name] of path.slice(0, -1).entries())
            assert.ok(domains.find((one) => one.name === name)?.dependsOn.includes(path[at + 1] ?? ''))
          return
        }
        const places = new Map(ordered.map(({ name }, at) => [name, at]))
        for (const { name, dependsOn } of domains)
          for (const other of dependsOn) assert.ok((places.get(other) ?? 0) < (places.get(name) ?? 0))
      }),
    )
  })
})

describe('an app is refused', () => {
  test('whose domains depend on each other in a circle, which it names', () => {
    assert.throws(
      () => created(named('Shop', 'Order'), named('Order', 'Stock'), named('Stock', 'Order')),
      /in a circle: Order → Stock → Order\./,
    )
    assert.throws(() => created(named('Order', 'Order')), /in a circle: Order → Order\./)
  })

  test('that lacks what a domain depends on, with the chain that leads there', () => {
    assert.throws(
      () => created(named('Shop', 'Order'), named('Order', 'Stok'), named('Stock')),
      /The domain Shop → Order depends on "Stok", which the app does not have\. Did you mean "Stock"\?/,
    )
    assert.throws(() => created(named('Order', 'Warehouse')), /Add it to the domains of the app/)
  })

  test('whose domains say what makes no sense', () => {
    const made = (parts: object) => domain('Order', { permissions: 'anonymous', handlers: [], ...parts })
    assert.throws(() => made({ version: 3 }), /Expected the version of the domain Order/)
    assert.throws(() => made({ dependsOn: 'Stock' }), /Expected dependsOn of the domain Order/)
    assert.throws(() => made({ start: 'now' }), /Expected start of the domain Order to be a function/)
    assert.throws(() => made({ migrations: [{ number: 2, name: 'notes', statements: ['x'] }] }), /expected number 1/)
    const notes = [{ number: 1, name: 'notes', statements: ['CREATE TABLE notes (id TEXT)'] }]
    const twins = ['OrderItems', 'Order.Items'].map((name) =>
      domain(name, { permissions: 'anonymous', handlers: [], migrations: notes }),
    )
    assert.throws(() => created(...twins), /Two migration modules are named "order-items"/)
  })
})
