// The option `hsts`: what browsers are told of HTTPS.

/**
 * What browsers are told of HTTPS, for a year: to ask this host and those below it over nothing else, this host alone, or nothing.
 * Reference: docs/reference/http.md.
 */
export type StrictTransport = 'subdomains' | 'host' | false

/** Errors: a plain one for something else. */
export function strictTransport(where: string, said: StrictTransport | undefined): StrictTransport {
  if (said === undefined) return 'subdomains'
  if (said === 'subdomains' || said === 'host' || !said) return said
  throw new Error(`${where}: expected hsts to be subdomains, host or false, received ${String(said)}.`)
}
