// Where NATS servers are, apart from what opens them: errors show addresses, and never a URL, which may hold a password.

export interface ServerAddresses {
  /** `host:port` of each server. */
  readonly addresses: readonly string[]
  /** Whether the scheme asks for TLS. */
  readonly tls: boolean
  readonly user?: string
  readonly password?: string
  readonly token?: string
}

/** Reads `nats://`, `tls://` or `host:port`. Throws a plain error for other texts, which it does not show. */
export function readServers(servers: string | readonly string[]): ServerAddresses {
  const urls = (typeof servers === 'string' ? servers.split(',') : servers).map(parse)
  const [first] = urls
  if (first === undefined) throw new Error('Expected servers to name at least one server, received an empty list.')
  if (urls.some(({ username, password }) => username !== first.username || password !== first.password))
    throw new Error('Expected all servers to have the same user and password: they are of one cluster.')
  const user = decodeURIComponent(first.username)
  const password = decodeURIComponent(first.password)
  return {
    addresses: urls.map(({ hostname, port }) => `${hostname}:${port === '' ? '4222' : port}`),
    tls: urls.some(({ protocol }) => protocol === 'tls:'),
    ...(user !== '' && password !== '' ? { user, password } : undefined),
    // A name without a password is a token, as in NATS's own tools.
    ...(user !== '' && password === '' ? { token: user } : undefined),
  }
}

function parse(text: string): URL {
  // URL.parse throws nothing; the error of `new URL` would carry the text.
  const trimmed = text.trim()
  const url = URL.parse(/^\w+:\/\//.test(trimmed) ? trimmed : `nats://${trimmed}`)
  if (url === null || !['nats:', 'tls:'].includes(url.protocol) || url.hostname === '' || !isDecodable(url))
    throw new Error(
      'Expected servers to be nats://host:port, tls://host:port or host:port, received another text. It is not shown, because it may hold a password.',
    )
  return url
}

function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username)
    decodeURIComponent(password)
    return true
  } catch {
    return false
  }
}
