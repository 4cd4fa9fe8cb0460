// Probes at an address of their own, for processes that answer no requests, such as workers.
import type { Running } from '@gesta/core'
import { checkOptions, hostOf } from '@gesta/core/host'
import { bareServer } from '../bare-server.ts'
import { addHealthRoutes, healthPaths } from '../health.ts'
import { listen } from '../listening.ts'
import type { Listening } from '../listening.ts'
import { standardErrorLogger } from '../logger.ts'
import type { Logger } from '../logger.ts'
import { pathTemplate } from '../path-template.ts'
import { Refusal } from '../problem.ts'
import { addNotFound, sendFrameworkError } from '../refusals.ts'
import { wholeOption } from '../whole-option.ts'
import { probeSettings } from './probe-options.ts'
import type { ProbeOptions } from './probe-options.ts'
import { createProbes } from './probes.ts'

/** Reference: docs/reference/health.md. */
export interface ServeProbesOptions {
  /** 0 takes a free one. Default 3200. */
  readonly port?: number | undefined
  /** Default `127.0.0.1`. The answers hold names of checks and read models, no reasons, so other machines may ask. */
  readonly host?: string | undefined
  readonly probes?: ProbeOptions | undefined
  /** Default: one JSON line per failure, to standard error. */
  readonly logger?: Logger | undefined
}
/** Disposing of it stops listening; the app goes on. */
export interface ProbeServer extends Listening {
  /** From now on `/ready` says no. */
  leave(): void
}

/**
 * Serves `/healthz`, `/started` and `/ready` of a process that serves nothing else; `serve` has them itself.
 * Errors: plain ones for options; the system's (`EADDRINUSE`) when it cannot listen. Reference: docs/reference/health.md.
 */
export async function serveProbes(
  app: Running<string, string>,
  options: ServeProbesOptions = {},
): Promise<ProbeServer> {
  checkOptions(options, ['port', 'host', 'probes', 'logger'], 'serveProbes')
  const { host: address = '127.0.0.1', logger = standardErrorLogger } = options
  const port = wholeOption('serveProbes')('port', options.port ?? 3200, 0, 65_535)
  const settings = probeSettings(options.probes, 'serveProbes')
  const host = hostOf(app)
  const going = { leaving: false, stopping: false }
  const probed = Object.assign(going, {
    host,
    settings: { logger, hsts: false as const },
    probes: createProbes(host, settings, () => going),
  })
  const server = bareServer(probed, {
    bodyBytesMax: 1024,
    requestTimeoutMs: 5_000,
    trustProxy: false,
    mayUpgrade: () => false,
  })
  server.setErrorHandler((error, request, reply) => sendFrameworkError(probed, error, request, reply))
  addHealthRoutes(server, probed)
  const served = healthPaths.map((path) => ({ path: pathTemplate(path, path), method: 'GET' }))
  const nothing = new Refusal('unknown_path', `Nothing is served here but ${healthPaths.join(', ')}.`)
  addNotFound(server, probed, served, () => nothing)
  const listening = await listen(server, probed, { port, host: address, shutdownTimeoutMs: 1_000 })
  return {
    url: listening.url,
    leave: () => {
      going.leaving = true
    },
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  }
}
