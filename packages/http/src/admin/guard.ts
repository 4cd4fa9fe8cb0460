// Who may ask the admin address: programs, and where nobody is asked who they are, those on the same machine. A browser is one too, and
// runs pages of strangers, so what a page sends is told by its headers, and a name of somebody else's that leads here by the name that
// was asked for.
import type { IncomingMessage } from 'node:http'
import { single } from '../headers.ts'
import { Refusal } from '../problem.ts'
import { forwarding, isLoopback } from '../production.ts'

/** Errors: `not_local`; `invalid_header` for a header that is given twice. */
export function checkLocal(request: IncomingMessage): void {
  const { remoteAddress, localPort } = request.socket
  if (!isLoopback(remoteAddress))
    throw notLocal('Expected a caller on this machine, received one from another address.')
  for (const name of forwarding)
    if (request.headers[name] !== undefined)
      throw notLocal(
        `Expected a request that comes straight from its caller, received the header ${name}. No proxy may lead here.`,
      )
  const [, port = '80'] = loopbackHost.exec(single(request, 'host') ?? '') ?? ['', 'none']
  if (Number(port) !== localPort)
    throw notLocal(
      `Expected the header host to be 127.0.0.1:${localPort}, [::1]:${localPort} or localhost:${localPort}.`,
    )
  checkNoPage(request)
}

/** A page has the cookies of whoever looks at it, so what it sends may not even be asked who it is. Errors: `not_local`; `invalid_header`. */
export function checkNoPage(request: IncomingMessage): void {
  if (request.headers.origin !== undefined) throw ofPage('origin')
  const site = single(request, 'sec-fetch-site')
  if (site !== undefined && site !== 'none' && site !== 'same-origin') throw ofPage('sec-fetch-site')
}

const loopbackHost = /^(?:127\.0\.0\.1|\[::1\]|localhost)(?::(\d{1,5}))?$/i

function ofPage(name: string): Refusal {
  return notLocal(`Expected a program, received the header ${name} of a page in a browser.`)
}

/** What follows of a refused request is not waited for. */
function notLocal(detail: string): Refusal {
  return new Refusal('not_local', detail, { headers: { connection: 'close' } })
}
