// `npm run shop:people`: the shop for people who sign in, served over HTTP until a signal stops it.
import { serve } from '@gesta/http'
import { dataDirDefault } from '../open-shop.ts'
import { portOf, sentenceOf, untilStopped } from '../process.ts'
import { shopRoutes } from '../routes.ts'
import { openWithPeople } from './open.ts'
import { secretOf } from './secret.ts'

try {
  await untilStopped(run)
} catch (error) {
  console.error(sentenceOf(error, 'npm run shop:people'))
  process.exitCode = 1
}

async function run(stopped: Promise<string>): Promise<void> {
  const dataDir = process.env['DATA_DIR'] ?? dataDirDefault
  const port = portOf(process.env, 3000)
  const url = process.env['SHOP_URL'] ?? `http://localhost:${port}`
  const { secret, keptIn } = await secretOf(process.env, dataDir)
  if (keptIn !== undefined)
    console.log(`The secret of the shop lies in ${keptIn}. In production give it as SHOP_SECRET, and keep it apart.`)
  await using shop = await openWithPeople({ dataDir, url, secret })
  const { running, sessions, routes } = shop
  await using server = await serve(running, {
    port,
    routes: [shopRoutes, routes],
    sessions,
    pages: { name: 'Shop' },
  })
  console.log(`The shop is open: ${server.url} (API documentation: ${server.url}/docs)`)
  console.log(
    sessions.setUpCode === undefined
      ? `Sign in: ${url}/sign-in`
      : `Nobody runs it yet. Make the first administrator within 24 hours: ${url}/set-up#${sessions.setUpCode}`,
  )
  console.log('Mails are printed here. Stop with Ctrl-C.')
  console.log(`${await stopped}: finishing what is in flight.`)
}
