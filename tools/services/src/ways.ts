// The ways to a server, and which of them the environment allows.

export type Environment = Readonly<Record<string, string | undefined>>

/** In this order, after the server that the environment names. */
const ways = ['port', 'path', 'npm', 'apt'] as const
export type Way = (typeof ways)[number]

/** `GESTA_TEST_SERVICES=path,npm` allows these ways alone: here, a server on a standard port is left alone. */
export function allowedWays(environment: Environment): readonly Way[] {
  const listed = environment['GESTA_TEST_SERVICES']
  if (listed === undefined) return ways
  const words = listed.split(',').filter((word) => word !== '')
  const unknown = words.find((word) => !ways.some((way) => way === word))
  if (unknown !== undefined) throw new Error(`GESTA_TEST_SERVICES lists ${unknown}, and knows ${ways.join(', ')}.`)
  return ways.filter((way) => words.includes(way))
}

/** A reason why nothing was found, if some ways were not gone. */
export const hiddenWays = (allowed: readonly Way[]): string[] =>
  allowed.length === ways.length ? [] : [`GESTA_TEST_SERVICES allows ${allowed.join(', ') || 'nothing'}`]
