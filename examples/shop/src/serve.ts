// `npm start`: the shop on its SQLite file, served over HTTP until a signal stops it.
import { isGestaError } from '@gesta/core'
import { serve } from '@gesta/http'
import { acceptedIn, countsIn } from './import/tally.ts'
import { loadSample } from './load-sample.ts'
import { dataDirDefault, openShop, shopFile } from './open-shop.ts'
import { shopRoutes } from './routes.ts'
import { toTry } from './to-try.ts'

const dataDir = process.env['DATA_DIR'] ?? dataDirDefault
const port = Number(process.env['PORT'] ?? 3000)
const withSample = process.env['SHOP_SAMPLE'] !== 'no'

const stopped = Promise.withResolvers<NodeJS.Signals>()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stopped.resolve)

try {
  await run()
} catch (error) {
  console.error(sentenceOf(error))
  process.exitCode = 1
}

async function run(): Promise<void> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new RangeError(`Expected PORT to be a number from 0 to 65535, received "${process.env['PORT']}".`)
  await using running = await openShop(dataDir)
  const tally = withSample ? await loadSample(running, dataDir) : undefined
  if (tally !== undefined)
    console.log(
      `Loaded the sample into ${shopFile(dataDir)}: ${acceptedIn(tally)} invoices accepted, ${countsIn(tally.rejected)} rejected.`,
    )
  await using server = await serve(running, { port, routes: shopRoutes })
  console.log(toTry(server.url))
  const signal = await stopped.promise
  console.log(`${signal}: finishing what is in flight.`)
}

/** What people can mend gets a sentence, everything else its stack. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken by another process. Stop it, or choose another port: PORT=3001 npm start`
  if (code === 'EACCES' && 'syscall' in error && error.syscall === 'listen')
    return `This user may not listen on port ${port}. Choose another port: PORT=3001 npm start`
  if (isGestaError(error, 'store_locked'))
    return `${error.message} Stop that process, or choose another folder: DATA_DIR=./other npm start`
  return isGestaError(error) || error instanceof RangeError ? error.message : (error.stack ?? error.message)
}
