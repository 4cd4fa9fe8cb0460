// Finds a server: the one that the environment names, else one on a standard port, else one that is started for this.
import { installOnDebian } from './own/apt.ts'
import type { OwnServer } from './own/own-server.ts'
import { ServiceMissing, reasonOf } from './service-missing.ts'
import type { Programs, Service } from './service.ts'
import { allowedWays, hiddenWays } from './ways.ts'
import type { Environment } from './ways.ts'

export interface FoundServer extends AsyncDisposable {
  readonly url: string
  /** Kind, version, address and how it was found, in one line. */
  readonly description: string
}

/** Disposing it stops the server only if it was started here. Throws `ServiceMissing` when there is none. */
export async function findServer(service: Service, environment: Environment = process.env): Promise<FoundServer> {
  const named = environment[service.variable]
  if (named) return namedServer(service, named)
  const allowed = allowedWays(environment)
  const reasons = hiddenWays(allowed)
  for (const url of allowed.includes('port') ? service.standardUrls : []) {
    try {
      return found(service, url, await service.greet(url), 'found on the standard port')
    } catch (error) {
      reasons.push(`port: ${reasonOf(error)} (${new URL(url).host})`)
    }
  }
  const started = await withPrograms(service, environment, reasons, async (programs) => {
    const server = await service.launch(programs)
    return found(service, server.url, programs.version, `started from ${programs.from}`, server)
  })
  if (started) return started
  const { title, advice, variable } = service
  const elsewhere = `start tools/services/compose.yaml with Docker, or name a server in ${variable}`
  throw new ServiceMissing(title, reasons, `${advice}, or ${elsewhere}.`)
}

/** The programs for servers of one's own. Throws `ServiceMissing` when there are none. */
export async function findPrograms(service: Service, environment: Environment = process.env): Promise<Programs> {
  const reasons = hiddenWays(allowedWays(environment))
  const programs = await withPrograms(service, environment, reasons, async (located) => located)
  if (programs) return programs
  const purpose = 'tests start servers of their own from it, to stop and to crash them'
  throw new ServiceMissing(`A ${service.title} to start`, reasons, `${service.advice}: ${purpose}.`)
}

/** A server that somebody names is the one to use: when it does not answer, no other takes its place. */
async function namedServer(service: Service, url: string): Promise<FoundServer> {
  try {
    return found(service, url, await service.greet(url), service.variable)
  } catch (error) {
    const { title, variable } = service
    const message = `${variable} names a server that does not answer as ${title} should: ${reasonOf(error)}`
    throw new Error(`${message}. Start it, or take the variable away to have one found.`, { cause: error })
  }
}

/** The first result, going through the ways that are allowed; a way that leads nowhere adds its reason. */
async function withPrograms<Result>(
  service: Service,
  environment: Environment,
  reasons: string[],
  use: (programs: Programs) => Promise<Result>,
): Promise<Result | undefined> {
  for (const way of allowedWays(environment)) {
    if (way === 'port') continue
    try {
      if (way === 'apt') await installOnDebian(service.debianPackage)
      return await use(await service.locate(way === 'apt' ? 'path' : way))
    } catch (error) {
      reasons.push(`${way}: ${reasonOf(error)}`)
    }
  }
  return undefined
}

function found(service: Service, url: string, version: string, how: string, server?: OwnServer): FoundServer {
  return {
    url,
    description: `${service.title} ${version} at ${new URL(url).host} (${how})`,
    [Symbol.asyncDispose]: async () => server?.[Symbol.asyncDispose](),
  }
}
