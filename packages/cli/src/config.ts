// The configuration: which app and which store the command works on. `gesta.config.ts` exports it by default.
import type { Backend, Running, StartOptions } from '@gesta/core'
import { checkOptions } from '@gesta/core/host'

export interface Config {
  /** As `createApp` gives it. */
  readonly app: {
    readonly name: string
    start(options?: StartOptions): Promise<Running<string, string>>
  }
  /** Where the app keeps everything, or what makes it: a function is called only by commands that open the store. */
  readonly store: Backend | (() => Backend | Promise<Backend>)
  /** What else the app is started with, such as its encryption. Its broker and sources are left out. */
  readonly start?: (() => StartOptions | Promise<StartOptions>) | undefined
}

/** Checks a configuration and returns it. Errors: plain ones. Reference: docs/reference/cli.md. */
export function defineConfig(config: Config): Config {
  checkOptions(config, ['app', 'store', 'start'], 'The configuration of gesta')
  const { app, store, start } = config
  if (typeof app?.start !== 'function')
    throw new Error('Expected app to be what createApp() returns, received something else.')
  if (typeof store !== 'function' && typeof store?.open !== 'function')
    throw new Error(
      "Expected store to be a backend such as sqlite('shop.db'), or a function that returns one, received something else.",
    )
  if (start !== undefined && typeof start !== 'function')
    throw new Error('Expected start to be a function that returns options of app.start(), received something else.')
  return config
}
