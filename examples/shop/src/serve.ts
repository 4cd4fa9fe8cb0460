// `npm start`: the shop on its SQLite file, served over HTTP until a signal stops it.
import { serve } from '@gesta/http'
import { betweenOf } from './between.ts'
import { commandLogOf } from './command-log.ts'
import { acceptedIn, countsIn } from './import/tally.ts'
import { loadSample } from './load-sample.ts'
import { dataDirDefault, openShop, shopFile } from './open-shop.ts'
import { adminOf, portOf, sentenceOf, untilStopped } from './process.ts'
import { authenticate } from './people/authenticate.ts'
import { shopRoutes } from './routes.ts'
import { toTry } from './to-try.ts'

try {
  await untilStopped(run)
} catch (error) {
  console.error(sentenceOf(error, 'npm start'))
  process.exitCode = 1
}

async function run(stopped: Promise<string>): Promise<void> {
  const dataDir = process.env['DATA_DIR'] ?? dataDirDefault
  const port = portOf(process.env, 3000)
  const admin = adminOf(process.env)
  await using running = await openShop(dataDir, await betweenOf(process.env), await commandLogOf(process.env))
  const tally = process.env['SHOP_SAMPLE'] === 'no' ? undefined : await loadSample(running, dataDir)
  if (tally !== undefined)
    console.log(
      `Loaded the sample into ${shopFile(dataDir)}: ${acceptedIn(tally)} invoices accepted, ${countsIn(tally.rejected)} rejected.`,
    )
  await using server = await serve(running, { port, admin, routes: shopRoutes, authenticate })
  if (server.adminUrl !== undefined) {
    console.log(`Read models are steered at ${server.adminUrl}/admin/read-models`)
    console.log(`Commands are found at ${server.adminUrl}/api/runtime/commands`)
    console.log(
      'Both ask who comes: say GESTA_TOKEN=example-operator, or the header authorization: Bearer example-operator',
    )
  }
  console.log(toTry(server.url))
  console.log(`${await stopped}: finishing what is in flight.`)
}
