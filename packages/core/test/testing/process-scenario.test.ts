import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { later, processManager } from '@gesta/core'
import { past, processScenario } from '@gesta/core/testing'
import { cancel, hour, Order, Paid, payment, Placed, reserve, ship } from '../process-managers/order-domain.ts'

const placed = past(Order, 'a', Placed({ pence: 5 }))
const scene = processScenario(payment)
const stock = processScenario(
  processManager('Stock.Reserving', () => ({ left: 0 }))
    .on(
      Placed,
      (_, { aggregate }) => aggregate.id,
      (_, { pence }, { aggregate: { id } }) => ({
        send: [reserve({ orderId: id, pieces: pence }), later(hour, cancel({ orderId: id, reason: 'x' }))],
      }),
    )
    .onRejected(reserve, (_, { rejection, data: { orderId } }) => ({
      state: { left: rejection.details.left },
      send: [cancel({ orderId, reason: rejection.code })],
    }))
    .onFailed(ship, () => ({ end: true })),
)

describe('a scenario of a process manager', () => {
  test('tells the state, the deadlines and what is sent', () => {
    scene
      .when(placed)
      .thenState({ pence: 5, reminded: false })
      .thenDeadlines({ remind: 24 * hour, unpaid: 48 * hour })
      .thenSent()
      .thenOver(false)
    scene
      .given(placed)
      .when(past(Order, 'a', Paid({})))
      .thenSent(ship({ orderId: 'a' }))
      .thenOver()
  })

  test('lets deadlines pass, in the order in which they are told to', () => {
    const reminded = scene.given(placed).whenDeadline('remind', 'a').thenState({ pence: 5, reminded: true }).thenSent()
    reminded
      .whenDeadline('unpaid', 'a')
      .thenSent(cancel({ orderId: 'a', reason: 'not paid' }))
      .thenOver()
    assert.throws(() => reminded.whenDeadline('remind', 'a'), /deadline "remind" is not set for "a"/)
  })

  test('takes back what was rejected, and what was given up', () => {
    stock
      .when(placed)
      .thenSent(reserve({ orderId: 'a', pieces: 5 }), later(hour, cancel({ orderId: 'a', reason: 'x' })))
    stock
      .given(placed)
      .whenRejected('a', reserve({ orderId: 'a', pieces: 5 }), 'sold_out', { left: 2 })
      .thenState({ left: 2 })
      .thenSent(cancel({ orderId: 'a', reason: 'sold_out' }))
    stock
      .given(placed)
      .whenFailed('a', ship({ orderId: 'a' }))
      .thenOver()
  })

  test('gives a state as it comes back from a store: frozen, and without what JSON leaves out', () => {
    const seen: unknown[] = []
    const noting = processScenario(
      processManager('Order.Noting', (): { ids: string[]; last?: string | undefined } => ({ ids: [] }))
        .on(
          Placed,
          (_, { aggregate }) => aggregate.id,
          (_, __, { aggregate: { id } }) => ({ state: { ids: [id], last: undefined } }),
        )
        .on(
          Paid,
          (_, { aggregate }) => aggregate.id,
          (state) => {
            seen.push(Object.keys(state))
            state.ids.push('again')
            return { state }
          },
        ),
    )
    assert.throws(() => noting.given(placed).when(past(Order, 'a', Paid({}))), TypeError)
    assert.throws(() => noting.when(past(Order, 'b', Paid({}))), TypeError)
    assert.deepEqual(seen, [['ids'], ['ids']])
    noting.when(placed).thenState({ ids: ['a'] })
  })

  test('shows what is not as expected', () => {
    const { when } = scene
    assert.throws(() => when(placed).thenSent(ship({ orderId: 'a' })), /sent something else/)
    assert.throws(() => when(placed).thenState({ pence: 6, reminded: false }), /another state/)
    assert.throws(() => when(placed).thenDeadlines({}), /other deadlines/)
    assert.throws(() => when(placed).thenOver(), /to be over/)
    assert.throws(() => stock.when(placed).thenSent(reserve({ orderId: 'a', pieces: 4 })), /sent something else/)
  })
})
