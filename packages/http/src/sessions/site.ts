// Whether a request comes from our own pages: browsers send cookies with what pages of strangers ask for, too.
import { single } from '../headers.ts'
import { Refusal } from '../problem.ts'
import type { AskedRequest } from '../authenticate.ts'

/**
 * Lets pass what our own pages send, and where nothing is changed what somebody opens: a link, a bookmark. Browsers say so by
 * Sec-Fetch-Site, and those that do not by Origin. `origin` is where people reach the server; by default the one that was asked for.
 * Errors: `origin_not_allowed`; `invalid_header`.
 */
export function checkSite(request: AskedRequest, origin: string | undefined): void {
  const { raw, headers } = request
  const isSafe = raw.method === 'GET' || raw.method === 'HEAD'
  const site = single(raw, 'sec-fetch-site')
  const from = single(raw, 'origin')
  if (site === undefined) {
    if (from === undefined ? isSafe : from === (origin ?? `${request.protocol}://${request.host}`)) return
  } else if (site === 'same-origin') return
  else if (isSafe && (site === 'none' || headers['sec-fetch-mode'] === 'navigate')) return
  throw new Refusal(
    'origin_not_allowed',
    'Cookies count for pages of this server alone. Programs send authorization: Bearer <token> instead.',
  )
}
