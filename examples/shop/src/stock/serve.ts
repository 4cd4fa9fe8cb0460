// `npm run stock`: the second process. It keeps stock by what the shop announces over the broker, and serves it over HTTP.
import { routes, serve } from '@gesta/http'
import { betweenOf } from '../between.ts'
import { dataDirDefault } from '../open-shop.ts'
import { portOf, sentenceOf, untilStopped } from '../process.ts'
import { openStock } from './open-stock.ts'
import { stock } from './stock-app.ts'

const stockRoutes = routes(stock, { 'Stock.Get': 'GET /stock/{code}' })

try {
  await untilStopped(run)
} catch (error) {
  console.error(sentenceOf(error, 'npm run stock'))
  process.exitCode = 1
}

async function run(stopped: Promise<string>): Promise<void> {
  const between = await betweenOf(process.env)
  if (between === undefined)
    throw new RangeError('Expected SHOP_BROKER to be the address of the broker that the shop sends to, received none.')
  const port = portOf(process.env, 3001)
  await using running = await openStock(process.env['DATA_DIR'] ?? dataDirDefault, between)
  await using server = await serve(running, { port, routes: stockRoutes })
  console.log(`The stock is open: ${server.url}\n\nTry:\n  curl '${server.url}/stock/85123A'\n\nStop with Ctrl-C.`)
  console.log(`${await stopped}: finishing what is in flight.`)
}
