// Type tests: routes. Compiled, never run. A path parameter that is no field of the input does not compile.
import { routes } from '../../src/index.ts'
import type { Routes } from '../../src/index.ts'
import { shop } from '../support/shop.ts'

const good: Routes = routes(shop, {
  'Order.Get': 'GET /orders/{orderId}',
  'Order.Cancel': 'POST /orders/{orderId}/cancel/{reason}',
  'Order.Ping': 'GET /ping',
  'Order.Place': 'PUT /tenants/{tenantUuid}/orders/{orderId}',
})
void good

// @ts-expect-error {orderID} is not a field of the input of Order.Get
routes(shop, { 'Order.Get': 'GET /orders/{orderID}' })
// @ts-expect-error one of two is wrong
routes(shop, { 'Order.Cancel': 'POST /orders/{orderId}/{resaon}' })
// @ts-expect-error this query has no input
routes(shop, { 'Order.Ping': 'GET /ping/{orderId}' })
// @ts-expect-error a method that does not exist
routes(shop, { 'Order.Get': 'FETCH /orders/{orderId}' })
// @ts-expect-error a path begins with a slash
routes(shop, { 'Order.Get': 'GET orders/{orderId}' })
// @ts-expect-error no such query
routes(shop, { 'Order.Gte': 'GET /orders/{orderId}' })
// @ts-expect-error no such query, beside one that exists
routes(shop, { 'Order.Ping': 'GET /ping', 'Order.Gte': 'GET /orders' })
// @ts-expect-error an event has no route
routes(shop, { 'Order.Placed': 'GET /placed' })
