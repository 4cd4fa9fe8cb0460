// Where a Redis server is, without what opens it: errors show the address, and never the URL, which may hold a password.

/** Host and port of the URL of a server. Throws a plain error for another text, which it does not show. */
export function addressOf(url: string): string {
  // URL.parse throws nothing; the error of `new URL` would carry the text.
  const parsed = URL.parse(url)
  if (parsed === null || !['redis:', 'rediss:'].includes(parsed.protocol) || parsed.hostname === '')
    throw new Error(
      'Expected url to be redis://host:port or rediss://host:port, received another text. It is not shown, because it may hold a password.',
    )
  if (!/^\/?\d*$/.test(parsed.pathname))
    throw new Error(
      `Expected the path of the url of ${parsed.hostname} to be the number of a database, received another text.`,
    )
  return `${parsed.hostname}:${parsed.port === '' ? '6379' : parsed.port}`
}
