// The app of the configuration, started for a command that looks at it.
import type { Running, StartOptions } from '@gesta/core'
import { GestaError } from '@gesta/core/host'
import type { Config } from './config.ts'
import { storeOf } from './open-store.ts'
import { hasCode } from './sentence.ts'

/**
 * Without broker and sources, and in a role that relays nothing: a look sends nothing to other services and works on nothing of theirs.
 * `whileRunning`: what to do when the app has the store open. Errors: `store_*`.
 */
export async function startedForChecks(
  config: Config,
  more: Pick<StartOptions, 'audit'> = {},
  whileRunning = 'Stop the app for as long as this takes.',
): Promise<Running<string, string>> {
  const { broker: _, sources: __, ...options } = (await config.start?.()) ?? {}
  try {
    return await config.app.start({ ...options, ...more, store: await storeOf(config), role: 'admin' })
  } catch (error) {
    if (!(error instanceof Error && hasCode(error, 'store_locked'))) throw error
    throw new GestaError('store_locked', `${error.message} ${whileRunning}`, { cause: error })
  }
}
