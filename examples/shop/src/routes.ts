// Paths for people, beside the default ones that every command and query has.
import { routes } from '@gesta/http'
import { shop } from './shop.ts'

export const shopRoutes = routes(shop, {
  'Order.Place': 'POST /orders',
  'Order.Return': 'POST /returns',
  'Order.Get': 'GET /orders/{orderId}',
  'Order.RevenueByDay': 'GET /revenue',
  'Customer.Get': 'GET /customers/{customerId}',
  'Customer.Orders': 'GET /customers/{customerId}/orders',
  'Product.Describe': 'PUT /products/{code}/description',
  'Product.Get': 'GET /products/{code}',
  'Product.Sales': 'GET /products',
})
