// The signal by which operators ask a process to read its configuration again.
import type { Config, ConfigReload } from '@gesta/core'

/**
 * Reloads when the process gets a signal, until what is returned is disposed.
 * @param options `signal`: default `SIGHUP`; `done`: told what came of it, for a line in the log.
 * Reference: docs/reference/configuration.md.
 */
export function reloadOnSignal(
  config: Pick<Config<unknown>, 'reload'>,
  options: {
    readonly signal?: NodeJS.Signals | undefined
    readonly done?: ((reload: ConfigReload) => void) | undefined
  } = {},
): Disposable {
  const { signal = 'SIGHUP', done } = options
  const reload = (): void => void config.reload().then(done)
  process.on(signal, reload)
  return { [Symbol.dispose]: () => void process.off(signal, reload) }
}
