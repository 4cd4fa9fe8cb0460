// `npm run shop:online`: the shop on the web as one process, or with `--role web`, `worker` or `cron` as one of several on one PostgreSQL.
import { followConfig } from '@gesta/core'
import { runProcess, serve, serveAdmin } from '@gesta/http'
import { dataDirDefault } from '../open-shop.ts'
import { adminOf, portOf, sentenceOf } from '../process.ts'
import { authenticate } from '../people/authenticate.ts'
import { onlineStore, openSettings, settingsFile, startOnline } from './open.ts'

const { env } = process
const dataDir = env['DATA_DIR'] ?? dataDirDefault

try {
  await using config = await openSettings(dataDir)
  config.on((_, { changed }) => console.log(`Settings in force: ${changed.join(', ')}`))
  console.log(`Settings are read from ${settingsFile(dataDir)}, and again when it changes.`)
  await runProcess({
    start: ({ role, signal }) =>
      startOnline(config, { store: onlineStore(dataDir, env['DATABASE_URL']), role, signal }),
    serve: async (running, role) => {
      const address = adminOf(env)
      const admin = address && { ...address, metrics: true }
      const following = await followConfig(running, config, { process: env['PROCESS_NAME'] })
      if (role === undefined || role === 'web')
        return [following, await serve(running, { port: portOf(env, 3000), admin, authenticate, logRequests: true })]
      return admin === undefined ? following : [following, await serveAdmin(running, { ...admin, authenticate })]
    },
  })
} catch (error) {
  console.error(sentenceOf(error, 'npm run shop:online'))
  process.exitCode = 1
}
